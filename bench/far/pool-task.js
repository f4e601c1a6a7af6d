// The tasks of a pool of threads used by hand.

/**
 * Answers with what it was given.
 * @param {string} text
 */
export const echo = (text) => text

/**
 * Answers with what the JSON text it was given means, as JSON text.
 * @param {string} text
 */
export const json = (text) => JSON.stringify(JSON.parse(text))
