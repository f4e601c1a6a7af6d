// What public and private keys of curves have in common: how they are imported and exported.

import { failure } from './arguments.js'
import {
  BITS,
  contents,
  element,
  elements,
  expectBytes,
  INTEGER,
  OCTETS,
  onlySequence,
  SEQUENCE,
  sameBytes,
  wholeBits,
} from './der.js'
import { allowUsages, expectType, makeKey, onlyUsages } from './keys.js'

const ZERO = element(INTEGER, [0])

/**
 * How a kind of pair is read and written. `curve` has: `oids`, the identifiers as they are encoded; `publicOf`, which makes
 * the public bytes of the private ones; `checkPublic`, which gives them back as they are kept or throws; and how a private
 * key is put into octets and taken out.
 */
const parseSpki = (bytes, { oids, checkPublic }) => {
  const parts = elements(onlySequence(bytes))
  expectBytes(contents(parts, 0, SEQUENCE), oids)
  return checkPublic(wholeBits(contents(parts, 1, BITS)))
}

const parsePkcs8 = (bytes, { oids, fromOctets }) => {
  const parts = elements(onlySequence(bytes))
  if (!sameBytes(contents(parts, 0, INTEGER), [0])) throw failure('DataError', 'The key is of an unknown version')
  expectBytes(contents(parts, 1, SEQUENCE), oids)
  return fromOctets(contents(parts, 2, OCTETS))
}

const makePublic = (algorithm, extractable, usages, data) =>
  makeKey({ type: 'public', extractable, algorithm, usages, data })

const makePrivate = (algorithm, extractable, usages, secret, curve) => {
  const data = { secret, public: curve.publicOf(secret) }
  return makeKey({ type: 'private', extractable, algorithm, usages, data })
}

/** Imports a key of a pair. */
export const importPair = (format, given, how) => {
  const { algorithm, extractable, usages, allowed, curve } = how
  const publicKey = (data) => {
    allowUsages(usages, allowed.public)
    return makePublic(algorithm, extractable, usages, data())
  }
  const privateKey = (secret) => {
    allowUsages(usages, allowed.private)
    return makePrivate(algorithm, extractable, usages, secret(), curve)
  }
  switch (format) {
    case 'raw':
      return publicKey(() => curve.checkPublic(given))
    case 'spki':
      return publicKey(() => parseSpki(given, curve))
    case 'pkcs8':
      return privateKey(() => parsePkcs8(given, curve))
    default:
      return given.d === undefined
        ? publicKey(() => curve.publicOfJwk(given, how))
        : privateKey(() => curve.secretOfJwk(given, how))
  }
}

/** A key of a pair in the format asked for. */
export const exportPair = (format, key, curve) => {
  if (format === 'jwk') return curve.toJwk(key)
  if (format === 'pkcs8') {
    expectType(key, 'private')
    const octets = element(OCTETS, curve.toOctets(key.data))
    return element(SEQUENCE, ZERO, element(SEQUENCE, curve.oids), octets)
  }
  expectType(key, 'public')
  if (format === 'raw') return new Uint8Array(key.data)
  return element(SEQUENCE, element(SEQUENCE, curve.oids), element(BITS, [0], key.data))
}

/** A new pair. The public key can always be extracted. */
export const generatePair = (algorithm, extractable, usages, allowed, curve) => {
  allowUsages(usages, [...allowed.public, ...allowed.private])
  const forPrivate = onlyUsages(usages, allowed.private)
  if (forPrivate.length === 0) throw failure('SyntaxError', 'A private key must be for something')
  const secret = curve.newSecret()
  return {
    privateKey: makePrivate(algorithm, extractable, forPrivate, secret, curve),
    publicKey: makePublic(algorithm, true, onlyUsages(usages, allowed.public), curve.publicOf(secret)),
  }
}
