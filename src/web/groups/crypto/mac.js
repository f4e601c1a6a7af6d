// HMAC.

import { equalBytes } from '@noble/ciphers/utils.js'
import { hmac } from '@noble/hashes/hmac.js'
import { failure, numberMember } from './arguments.js'
import { trimBits } from './bits.js'
import { hashMember, hashOf } from './hashes.js'
import { allowUsages } from './keys.js'
import { randomBytes } from './random.js'
import { exportBytes, importBytes, makeSecret } from './secrets.js'

const MAX_BITS = 2 ** 20
const USAGES = ['sign', 'verify']

const algOf = (hash) => `HS${hash.slice(4)}`

/** The length of a key in bits: what is asked for, or the block of its hash. */
const lengthOf = (params, hash) => {
  if (params.length === undefined) return hashOf(hash).blockLen * 8
  const length = numberMember(params, 'length', 2 ** 32 - 1)
  if (length === 0 || length > MAX_BITS) throw failure('OperationError', `A key cannot have ${length} bits`)
  return length
}

const macOf = (key, data) => hmac(hashOf(key.algorithm.hash.name), key.data, data)

const importKey = (format, given, params, extractable, usages) => {
  const hash = hashMember(params)
  allowUsages(usages, USAGES)
  const data = importBytes(format, given, { use: 'sig', extractable, usages, algOf: () => algOf(hash) })
  const bits = data.length * 8
  if (bits === 0) throw failure('DataError', 'A key of no bytes is none')
  const length = params.length === undefined ? bits : numberMember(params, 'length', 2 ** 32 - 1)
  if (length > bits || length <= bits - 8) throw failure('DataError', `The key has ${bits} bits, not ${length}`)
  return makeSecret({ name: 'HMAC', length, hash: { name: hash } }, extractable, usages, trimBits(data, length))
}

const generateKey = (params, extractable, usages) => {
  const hash = hashMember(params)
  allowUsages(usages, USAGES)
  const length = lengthOf(params, hash)
  const data = trimBits(randomBytes(Math.ceil(length / 8)), length)
  return makeSecret({ name: 'HMAC', length, hash: { name: hash } }, extractable, usages, data)
}

export const algorithms = {
  __proto__: null,
  HMAC: {
    generateKey,
    importKey,
    exportKey: (format, key) => exportBytes(format, key, algOf(key.algorithm.hash.name)),
    sign: (_params, key, data) => macOf(key, data),
    verify: (_params, key, signature, data) => equalBytes(macOf(key, data), signature),
    keyLength: (params) => lengthOf(params, hashMember(params)),
  },
}
