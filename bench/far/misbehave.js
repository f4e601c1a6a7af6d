/**
 * Does what the text says when it names a way never to come back; otherwise nothing.
 * @param {string} text
 */
export function misbehave(text) {
  if (text === 'spin') for (;;);
  if (text === 'stick') ((1n << 200_000_000n) - 1n).toString()
}
