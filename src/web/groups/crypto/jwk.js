// Keys as JSON.

import { fromBase64url, toBase64url } from '@exodus/bytes/base64.js'
import { attempt, failure } from './arguments.js'

const TEXTS = ['kty', 'use', 'alg', 'crv', 'x', 'y', 'd', 'k']

/** The members that are looked at, each read once. */
export const readJwk = (given) => {
  const jwk = { __proto__: null }
  for (const name of TEXTS) if (given[name] !== undefined) jwk[name] = String(given[name])
  if (given.ext !== undefined) jwk.ext = Boolean(given.ext)
  if (given.key_ops !== undefined) jwk.key_ops = [...given.key_ops].map(String)
  return jwk
}

const refuse = (why) => {
  throw failure('DataError', `The key is not what it should be: ${why}`)
}

/** Holds a key to what is asked of it. */
export const checkJwk = (jwk, { kty, use, extractable, usages }) => {
  if (jwk.kty !== kty) refuse(`its "kty" is not "${kty}"`)
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) refuse(`its "use" is not "${use}"`)
  if (jwk.key_ops !== undefined && !usages.every((usage) => jwk.key_ops.includes(usage))) {
    refuse('its "key_ops" lack a usage')
  }
  if (jwk.key_ops !== undefined && new Set(jwk.key_ops).size < jwk.key_ops.length) refuse('its "key_ops" repeat')
  if (jwk.ext === false && extractable) refuse('it is not to be extracted')
}

export const checkAlg = (jwk, alg) => {
  if (jwk.alg !== undefined && jwk.alg !== alg) refuse(`its "alg" is not "${alg}"`)
}

/** The bytes of a member, of a length where that is fixed. */
export const jwkBytes = (jwk, name, length) => {
  if (jwk[name] === undefined) refuse(`it has no "${name}"`)
  const bytes = attempt('DataError', `"${name}" of the key is not base64url`, () => fromBase64url(jwk[name]))
  if (length !== undefined && bytes.length !== length) refuse(`"${name}" has not ${length} bytes`)
  return bytes
}

export const toJwk = (members, key) => ({ ...members, key_ops: [...key.usages], ext: key.extractable })

export { toBase64url }
