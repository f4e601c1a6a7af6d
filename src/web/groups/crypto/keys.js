// Keys as programs hold them. What is in one never shows but by the export of an extractable key.

import { describe } from '../describe.js'
import { failure } from './arguments.js'

const MADE_HERE = Symbol('made here')

const USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey']

let slotsOf

export class CryptoKey {
  #slots
  #algorithm
  #usages

  constructor(token, slots) {
    if (token !== MADE_HERE) throw new TypeError('Illegal constructor')
    this.#slots = slots
    this.#algorithm = { ...slots.algorithm }
    this.#usages = [...slots.usages]
  }

  static {
    slotsOf = (key) => (typeof key === 'object' && key !== null && #slots in key ? key.#slots : undefined)
  }

  get type() {
    return this.#slots.type
  }

  get extractable() {
    return this.#slots.extractable
  }

  get algorithm() {
    return this.#algorithm
  }

  get usages() {
    return this.#usages
  }
}

describe(CryptoKey, ['type', 'extractable', 'algorithm', 'usages'])
Object.defineProperty(CryptoKey, 'length', { value: 0, configurable: true })

/** A key of what is known of it: `type`, `extractable`, `algorithm`, `usages` and `data`. */
export const makeKey = (slots) => new CryptoKey(MADE_HERE, slots)

/** What is known of a key. */
export const openKey = (key) => {
  const slots = slotsOf(key)
  if (slots === undefined) throw new TypeError('It is not a CryptoKey')
  return slots
}

/** Each usage once, in the standard's order. */
export const readUsages = (given) => {
  const wanted = [...given].map(String)
  for (const usage of wanted) if (!USAGES.includes(usage)) throw new TypeError(`"${usage}" is not a usage of keys`)
  return USAGES.filter((usage) => wanted.includes(usage))
}

export const allowUsages = (usages, allowed) => {
  if (usages.every((usage) => allowed.includes(usage))) return
  throw failure('SyntaxError', `Keys of this kind are for ${allowed.join(', ') || 'no usage at all'}`)
}

/** What of the usages a key of a pair has. */
export const onlyUsages = (usages, allowed) => usages.filter((usage) => allowed.includes(usage))

export const expectType = (key, type) => {
  if (key.type !== type) throw failure('InvalidAccessError', `The key is not a ${type} key`)
}
