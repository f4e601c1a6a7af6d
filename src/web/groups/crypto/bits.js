// Lengths that are no whole number of bytes.

import { failure } from './arguments.js'

/** Without the bits of the last byte that a length in bits leaves over. Changes the bytes it is given. */
export const trimBits = (bytes, length) => {
  if (length % 8 !== 0) bytes[bytes.length - 1] &= 0xff << (8 - (length % 8))
  return bytes
}

/** As many bits of a shared secret as are asked for. */
export const firstBits = (secret, length) => {
  if (length === null) return secret
  const bytes = Math.ceil(length / 8)
  if (bytes > secret.length) throw failure('OperationError', 'The shared secret is not so long')
  return trimBits(secret.slice(0, bytes), length)
}
