// What keys of bytes have in common: HMAC and the AES kinds.

import { failure } from './arguments.js'
import { checkAlg, checkJwk, jwkBytes, readJwk, toBase64url, toJwk } from './jwk.js'
import { makeKey } from './keys.js'

/** The bytes of a secret key that is imported. */
export const importBytes = (format, given, { use, extractable, usages, algOf }) => {
  if (format === 'raw') return given
  if (format !== 'jwk') throw failure('NotSupportedError', `Keys of this kind are not imported as "${format}"`)
  const jwk = readJwk(given)
  checkJwk(jwk, { kty: 'oct', use, extractable, usages })
  const data = jwkBytes(jwk, 'k')
  checkAlg(jwk, algOf(data))
  return data
}

/** A secret key in the format asked for. */
export const exportBytes = (format, key, alg) => {
  if (format === 'raw') return new Uint8Array(key.data)
  if (format !== 'jwk') throw failure('NotSupportedError', `Keys of this kind are not exported as "${format}"`)
  return toJwk({ kty: 'oct', k: toBase64url(key.data), alg }, key)
}

export const makeSecret = (algorithm, extractable, usages, data) =>
  makeKey({ type: 'secret', extractable, algorithm, usages, data })
