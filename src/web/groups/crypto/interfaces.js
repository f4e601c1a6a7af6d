// Cryptography inside the guest's realm: nothing is asked of a host, and all its work is the guest's own.

import { describe } from '../describe.js'
import { failure, needArguments } from './arguments.js'
import { CryptoKey } from './keys.js'
import { hex, randomBytes } from './random.js'
import { SubtleCrypto, subtle } from './subtle.js'

const MADE_HERE = Symbol('made here')

/** As many bytes of randomness as are given at once. */
const MAX_BYTES = 65_536

const INTEGERS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
]

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype)
const kindOf = Function.prototype.call.bind(Object.getOwnPropertyDescriptor(TypedArray, Symbol.toStringTag).get)

class Crypto {
  constructor(token) {
    if (token !== MADE_HERE) throw new TypeError('Illegal constructor')
  }

  /** Throws for every other receiver. */
  #begin(name, given, count) {
    needArguments(name, given, count)
  }

  get subtle() {
    this.#begin('subtle', 0, 0)
    return subtle
  }

  getRandomValues(array) {
    this.#begin('getRandomValues', arguments.length, 1)
    if (!ArrayBuffer.isView(array)) throw new TypeError('Random values are put into views of buffers')
    if (!INTEGERS.includes(kindOf(array))) throw failure('TypeMismatchError', 'Random values are whole numbers')
    const { buffer, byteOffset, byteLength } = array
    if (byteLength > MAX_BYTES) throw failure('QuotaExceededError', `${byteLength} bytes are more than ${MAX_BYTES}`)
    if (byteLength > 0) new Uint8Array(buffer, byteOffset, byteLength).set(randomBytes(byteLength))
    return array
  }

  randomUUID() {
    this.#begin('randomUUID', 0, 0)
    const bytes = randomBytes(16)
    bytes[6] = (bytes[6] & 0x0f) | 0x40
    bytes[8] = (bytes[8] & 0x3f) | 0x80
    const text = hex(bytes)
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
  }
}

describe(Crypto, ['subtle', 'getRandomValues', 'randomUUID'])
Object.defineProperty(Crypto, 'length', { value: 0, configurable: true })

export const crypto = new Crypto(MADE_HERE)
export { Crypto, CryptoKey, SubtleCrypto }
