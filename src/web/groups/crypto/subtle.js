// The operations of SubtleCrypto: arguments, permissions, and then whoever implements the algorithm.

import { describe } from '../describe.js'
import { copyBytes, failure, isBufferSource, isObject, needArguments, wholeNumber } from './arguments.js'
import { makeKey, openKey, readUsages } from './keys.js'
import { find } from './registry.cjs'

const MADE_HERE = Symbol('made here')
const FORMATS = ['raw', 'spki', 'pkcs8', 'jwk']

/** Who does `operation` for what the caller named, and with what. */
const normalize = (operation, algorithm) => {
  const params = isObject(algorithm) ? algorithm : { name: algorithm }
  if (params.name === undefined) throw new TypeError('The algorithm has no "name"')
  const found = find(String(params.name))
  const run = found?.operations[operation]
  if (run === undefined) throw failure('NotSupportedError', `"${String(params.name)}" cannot ${operation}`)
  return { name: found.name, params, run }
}

const mayUse = (key, name, usage) => {
  if (key.algorithm.name !== name) throw failure('InvalidAccessError', `The key is not for ${name}`)
  if (!key.usages.includes(usage)) throw failure('InvalidAccessError', `The key is not for "${usage}"`)
}

const formatOf = (value) => {
  const format = String(value)
  if (FORMATS.includes(format)) return format
  throw new TypeError(`"${format}" is not a format of keys`)
}

/** What a library made, as a buffer of its own. */
const asBuffer = (bytes) => new Uint8Array(bytes).buffer

const keyData = (format, data) => {
  if (format !== 'jwk') return copyBytes(data, 'The key')
  if (isObject(data) && !isBufferSource(data)) return data
  throw new TypeError('The key is not a JSON Web Key')
}

const importOne = (format, data, { params, run }, extractable, usages) => {
  const key = run(format, data, params, extractable, usages)
  const { type } = openKey(key)
  if (type !== 'public' && usages.length === 0) throw failure('SyntaxError', 'The key must be for something')
  return key
}

const exportOne = (format, key) => {
  const { run } = normalize('exportKey', key.algorithm)
  if (!key.extractable) throw failure('InvalidAccessError', 'The key cannot be extracted')
  return run(format, key)
}

const crypt = (usage, algorithm, key, data) => {
  const { name, params, run } = normalize(usage, algorithm)
  const opened = openKey(key)
  const bytes = copyBytes(data, 'The data')
  mayUse(opened, name, usage)
  return asBuffer(run(params, opened, bytes))
}

/** Keys are wrapped by what wraps keys, or by what encrypts anything. */
const wrapper = (usage, instead, algorithm) => {
  const found = isObject(algorithm) ? algorithm.name : algorithm
  const wraps = find(String(found))?.operations[usage] !== undefined
  return normalize(wraps ? usage : instead, algorithm)
}

const derive = (algorithm, baseKey, usage, lengthOf) => {
  const { name, params, run } = normalize('deriveBits', algorithm)
  const key = openKey(baseKey)
  mayUse(key, name, usage)
  return run(params, key, lengthOf())
}

export class SubtleCrypto {
  constructor(token) {
    if (token !== MADE_HERE) throw new TypeError('Illegal constructor')
  }

  /** Holds a call to its receiver, which nothing else can be asked for this, and to its arguments. */
  #begin(name, given, count) {
    needArguments(name, given, count)
  }

  async encrypt(algorithm, key, data) {
    this.#begin('encrypt', arguments.length, 3)
    return crypt('encrypt', algorithm, key, data)
  }

  async decrypt(algorithm, key, data) {
    this.#begin('decrypt', arguments.length, 3)
    return crypt('decrypt', algorithm, key, data)
  }

  async sign(algorithm, key, data) {
    this.#begin('sign', arguments.length, 3)
    return crypt('sign', algorithm, key, data)
  }

  async verify(algorithm, key, signature, data) {
    this.#begin('verify', arguments.length, 4)
    const { name, params, run } = normalize('verify', algorithm)
    const opened = openKey(key)
    const [given, bytes] = [copyBytes(signature, 'The signature'), copyBytes(data, 'The data')]
    mayUse(opened, name, 'verify')
    return run(params, opened, given, bytes)
  }

  async digest(algorithm, data) {
    this.#begin('digest', arguments.length, 2)
    const { params, run } = normalize('digest', algorithm)
    return asBuffer(run(params, copyBytes(data, 'The data')))
  }

  async generateKey(algorithm, extractable, keyUsages) {
    this.#begin('generateKey', arguments.length, 3)
    const usages = readUsages(keyUsages)
    const { params, run } = normalize('generateKey', algorithm)
    const made = run(params, Boolean(extractable), usages)
    if (usages.length === 0) throw failure('SyntaxError', 'The key must be for something')
    return made
  }

  async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    this.#begin('deriveKey', arguments.length, 5)
    const usages = readUsages(keyUsages)
    const target = normalize('importKey', derivedKeyType)
    const bits = () => {
      const { params, run } = normalize('keyLength', derivedKeyType)
      return run(params)
    }
    return importOne('raw', derive(algorithm, baseKey, 'deriveKey', bits), target, Boolean(extractable), usages)
  }

  async deriveBits(algorithm, baseKey, length = null) {
    this.#begin('deriveBits', arguments.length, 2)
    const bits = () => (length === null ? null : wholeNumber(length, 2 ** 32 - 1, 'The length'))
    return asBuffer(derive(algorithm, baseKey, 'deriveBits', bits))
  }

  async importKey(format, data, algorithm, extractable, keyUsages) {
    this.#begin('importKey', arguments.length, 5)
    const kind = formatOf(format)
    const usages = readUsages(keyUsages)
    const target = normalize('importKey', algorithm)
    return importOne(kind, keyData(kind, data), target, Boolean(extractable), usages)
  }

  async exportKey(format, key) {
    this.#begin('exportKey', arguments.length, 2)
    const kind = formatOf(format)
    const exported = exportOne(kind, openKey(key))
    return kind === 'jwk' ? exported : asBuffer(exported)
  }

  async wrapKey(format, key, wrappingKey, algorithm) {
    this.#begin('wrapKey', arguments.length, 4)
    const kind = formatOf(format)
    const { name, params, run } = wrapper('wrapKey', 'encrypt', algorithm)
    const opened = openKey(wrappingKey)
    mayUse(opened, name, 'wrapKey')
    const exported = exportOne(kind, openKey(key))
    const bytes = kind === 'jwk' ? new TextEncoder().encode(JSON.stringify(exported)) : exported
    return asBuffer(run(params, opened, bytes))
  }

  async unwrapKey(format, wrappedKey, unwrappingKey, algorithm, keyAlgorithm, extractable, keyUsages) {
    this.#begin('unwrapKey', arguments.length, 7)
    const kind = formatOf(format)
    const usages = readUsages(keyUsages)
    const { name, params, run } = wrapper('unwrapKey', 'decrypt', algorithm)
    const target = normalize('importKey', keyAlgorithm)
    const opened = openKey(unwrappingKey)
    const wrapped = copyBytes(wrappedKey, 'The wrapped key')
    mayUse(opened, name, 'unwrapKey')
    const bytes = new Uint8Array(run(params, opened, wrapped))
    return importOne(kind, kind === 'jwk' ? parseJwk(bytes) : bytes, target, Boolean(extractable), usages)
  }
}

const parseJwk = (bytes) => {
  try {
    const jwk = JSON.parse(new TextDecoder().decode(bytes))
    if (isObject(jwk)) return jwk
  } catch {
    // What it says is told below.
  }
  throw failure('DataError', 'What was wrapped is not a JSON Web Key')
}

describe(SubtleCrypto, Object.getOwnPropertyNames(SubtleCrypto.prototype).slice(1))
Object.defineProperty(SubtleCrypto, 'length', { value: 0, configurable: true })

export const subtle = new SubtleCrypto(MADE_HERE)
