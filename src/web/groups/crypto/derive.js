// Keys from secrets: HKDF and PBKDF2. Their work is the guest's own and ends at its limits.

import { hkdf } from '@noble/hashes/hkdf.js'
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { attempt, bytesMember, failure, numberMember } from './arguments.js'
import { hashMember, hashOf } from './hashes.js'
import { allowUsages } from './keys.js'
import { makeSecret } from './secrets.js'

const FAILED = 'So many bits cannot be derived'

const byteCount = (length) => {
  if (length === null || length % 8 !== 0) throw failure('OperationError', FAILED)
  return length / 8
}

const kind = (name, deriveBits) => ({
  importKey: (format, data, _params, extractable, usages) => {
    if (format !== 'raw') throw failure('NotSupportedError', `A secret is not imported as "${format}"`)
    allowUsages(usages, ['deriveKey', 'deriveBits'])
    if (extractable) throw failure('SyntaxError', 'A secret cannot be extractable')
    return makeSecret({ name }, false, usages, data)
  },
  deriveBits,
  keyLength: () => null,
})

export const algorithms = {
  __proto__: null,
  HKDF: kind('HKDF', (params, key, length) => {
    const hash = hashOf(hashMember(params))
    const [salt, info] = [bytesMember(params, 'salt'), bytesMember(params, 'info')]
    const bytes = byteCount(length)
    return attempt('OperationError', FAILED, () => hkdf(hash, key.data, salt, info, bytes))
  }),
  PBKDF2: kind('PBKDF2', (params, key, length) => {
    const hash = hashOf(hashMember(params))
    const salt = bytesMember(params, 'salt')
    const c = numberMember(params, 'iterations', 2 ** 32 - 1)
    if (c === 0) throw failure('OperationError', 'There must be an iteration')
    const dkLen = byteCount(length)
    return dkLen === 0 ? new Uint8Array(0) : pbkdf2(hash, key.data, salt, { c, dkLen })
  }),
}
