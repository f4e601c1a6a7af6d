// Randomness: a stream cipher run with a key that the far side drew for this realm alone. Nothing is asked of a host.

import { takeSeed } from 'ringfence:host'
import { rngChacha20 } from '@noble/ciphers/chacha.js'

let seed
let generator

/** Bytes as they are written in names. */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Bytes that nobody outside this realm can foresee. */
export const randomBytes = (length) => {
  // Where making the generator fails for want of a stack, nothing has come of the key yet, and it is still good.
  seed ??= takeSeed()
  generator ??= rngChacha20(seed)
  return generator.randomBytes(length)
}
