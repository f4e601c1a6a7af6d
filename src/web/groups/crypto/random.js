// Randomness: a stream cipher run with a key that the far side drew for this realm alone. Nothing is asked of a host.

import { takeSeed } from 'ringfence:host'
import { rngChacha20 } from '@noble/ciphers/chacha.js'

let generator

/** Bytes that nobody outside this realm can foresee. */
export const randomBytes = (length) => {
  generator ??= rngChacha20(takeSeed())
  return generator.randomBytes(length)
}
