// Digests.

import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { failure, isObject } from './arguments.js'

const HASHES = { __proto__: null, 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 }

/** The hash that an algorithm's member names. */
export const hashMember = (params) => {
  const { hash } = params
  if (hash === undefined) throw new TypeError('The algorithm has no "hash"')
  const name = String(isObject(hash) ? hash.name : hash).toUpperCase()
  if (!(name in HASHES)) throw failure('NotSupportedError', `There is no hash "${name}"`)
  return name
}

export const hashOf = (name) => HASHES[name]

const digest = (name) => ({ digest: (_params, data) => HASHES[name](data) })

export const algorithms = {
  __proto__: null,
  'SHA-1': digest('SHA-1'),
  'SHA-256': digest('SHA-256'),
  'SHA-384': digest('SHA-384'),
  'SHA-512': digest('SHA-512'),
}
