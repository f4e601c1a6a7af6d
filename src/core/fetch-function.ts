/** The host function behind a guest's `fetch`, by which policies name it. No program can import from its module. */
export const FETCH_FUNCTION = 'ringfence:web/fetch'
