// AES in four modes.

import { aeskw, cbc, ctr, gcm } from '@noble/ciphers/aes.js'
import { equalBytes } from '@noble/ciphers/utils.js'
import { attempt, bytesMember, copyBytes, failure, numberMember } from './arguments.js'
import { allowUsages } from './keys.js'
import { randomBytes } from './random.js'
import { exportBytes, importBytes, makeSecret } from './secrets.js'

const LENGTHS = [128, 192, 256]
const TAG_LENGTHS = [32, 64, 96, 104, 112, 120, 128]
const TAG_BYTES = 16
const BLOCK = 16

const bytesOfLength = (params, name, length) => {
  const bytes = bytesMember(params, name)
  if (bytes.length !== length) throw failure('OperationError', `"${name}" must have ${length} bytes`)
  return bytes
}

const FAILED = 'The data could not be encrypted or decrypted'
const guarded = (run) => attempt('OperationError', FAILED, run)

const gcmOf = (params, key) => {
  const iv = bytesMember(params, 'iv')
  const more = params.additionalData === undefined ? undefined : copyBytes(params.additionalData, '"additionalData"')
  const bits = params.tagLength === undefined ? 128 : numberMember(params, 'tagLength', 255)
  if (!TAG_LENGTHS.includes(bits)) throw failure('OperationError', `A tag cannot have ${bits} bits`)
  return { cipher: () => gcm(key.data, iv, more), tagBytes: bits / 8 }
}

const encryptGcm = (params, key, data) => {
  const { cipher, tagBytes } = gcmOf(params, key)
  return guarded(() =>
    cipher()
      .encrypt(data)
      .slice(0, data.length + tagBytes),
  )
}

/** The library knows whole tags alone, so for a short one the tag is made again and compared as far as it goes. */
const decryptGcm = (params, key, data) => {
  const { cipher, tagBytes } = gcmOf(params, key)
  return guarded(() => {
    if (tagBytes === TAG_BYTES) return cipher().decrypt(data)
    const length = data.length - tagBytes
    const plain = cipher().encrypt(data.subarray(0, length)).slice(0, length)
    const whole = cipher().encrypt(plain)
    if (!equalBytes(whole.slice(0, data.length), data)) throw new Error(FAILED)
    return plain
  })
}

const cbcOf = (params, key) => cbc(key.data, bytesOfLength(params, 'iv', BLOCK))

const asNumber = (bytes) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)

/** Only the last bits of the block count, and begin again at zero. */
const runCtr = (params, key, data) => {
  const counter = bytesOfLength(params, 'counter', BLOCK)
  const bits = numberMember(params, 'length', 255)
  if (bits === 0 || bits > 128) throw failure('OperationError', `A counter cannot have ${bits} bits`)
  const all = 1n << BigInt(bits)
  const start = asNumber(counter)
  const left = all - (start % all)
  if (BigInt(Math.ceil(data.length / BLOCK)) > all) throw failure('OperationError', 'The counter would repeat')
  const first = left * BigInt(BLOCK) >= BigInt(data.length) ? data.length : Number(left) * BLOCK
  const again = new Uint8Array(BLOCK)
  let value = start - (start % all)
  for (let at = BLOCK - 1; at >= 0; at -= 1, value >>= 8n) again[at] = Number(value & 255n)
  return guarded(() => {
    const out = new Uint8Array(data.length)
    out.set(ctr(key.data, counter).encrypt(data.slice(0, first)))
    if (first < data.length) out.set(ctr(key.data, again).encrypt(data.slice(first)), first)
    return out
  })
}

const lengthOf = (params) => {
  const length = numberMember(params, 'length', 65_535)
  if (!LENGTHS.includes(length)) throw failure('OperationError', `A key cannot have ${length} bits`)
  return length
}

const kind = (mode, usages, operations) => {
  const name = `AES-${mode}`
  const algOf = (data) => `A${data.length * 8}${mode}`
  return {
    generateKey: (params, extractable, wanted) => {
      allowUsages(wanted, usages)
      const length = lengthOf(params)
      return makeSecret({ name, length }, extractable, wanted, randomBytes(length / 8))
    },
    importKey: (format, given, _params, extractable, wanted) => {
      allowUsages(wanted, usages)
      const data = importBytes(format, given, { use: 'enc', extractable, usages: wanted, algOf })
      const length = data.length * 8
      if (!LENGTHS.includes(length)) throw failure('DataError', `A key cannot have ${length} bits`)
      return makeSecret({ name, length }, extractable, wanted, data)
    },
    exportKey: (format, key) => exportBytes(format, key, algOf(key.data)),
    keyLength: lengthOf,
    ...operations,
  }
}

const CIPHER = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']

export const algorithms = {
  __proto__: null,
  'AES-CBC': kind('CBC', CIPHER, {
    encrypt: (params, key, data) => {
      const cipher = cbcOf(params, key)
      return guarded(() => cipher.encrypt(data))
    },
    decrypt: (params, key, data) => {
      const cipher = cbcOf(params, key)
      return guarded(() => cipher.decrypt(data))
    },
  }),
  'AES-CTR': kind('CTR', CIPHER, { encrypt: runCtr, decrypt: runCtr }),
  'AES-GCM': kind('GCM', CIPHER, { encrypt: encryptGcm, decrypt: decryptGcm }),
  'AES-KW': kind('KW', ['wrapKey', 'unwrapKey'], {
    wrapKey: (_params, key, data) => guarded(() => aeskw(key.data).encrypt(data)),
    unwrapKey: (_params, key, data) => guarded(() => aeskw(key.data).decrypt(data)),
  }),
}
