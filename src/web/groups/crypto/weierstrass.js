// ECDSA and ECDH on the curves of NIST.

import { p256, p384, p521 } from '@noble/curves/nist.js'
import { attempt, failure } from './arguments.js'
import { firstBits } from './bits.js'
import {
  BITS,
  contents,
  element,
  elements,
  expectBytes,
  INTEGER,
  OCTETS,
  OID,
  onlySequence,
  SEQUENCE,
  TAG_1,
  wholeBits,
} from './der.js'
import { hashMember, hashOf } from './hashes.js'
import { checkAlg, checkJwk, jwkBytes, readJwk, toBase64url, toJwk } from './jwk.js'
import { expectType, openKey } from './keys.js'
import { exportPair, generatePair, importPair } from './pairs.js'
import { randomBytes } from './random.js'

const EC_PUBLIC_KEY = element(OID, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01])
const BAD_KEY = 'The key is not one of its curve'

const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]))

/** The keys of a curve as bytes, each checked. */
const bytesOfCurve = (library) => {
  const publicOf = (secret) => library.getPublicKey(secret, false)
  return {
    publicOf,
    checkPublic: (bytes) => attempt('DataError', BAD_KEY, () => library.Point.fromBytes(bytes).toBytes(false)),
    checkSecret: (bytes) => {
      if (library.utils.isValidSecretKey(bytes)) return bytes
      throw failure('DataError', BAD_KEY)
    },
    expectPair: (secret, publicKey) => {
      expectBytes(publicOf(secret), publicKey)
      return secret
    },
    newSecret: () => library.utils.randomSecretKey(randomBytes(library.lengths.seed)),
  }
}

/** The keys of a curve as JSON. */
const jwkOfCurve = (name, size, alg, { checkPublic, checkSecret, expectPair }) => {
  const readPublic = (given, { extractable, usages, algorithm, use }) => {
    const jwk = readJwk(given)
    checkJwk(jwk, { kty: 'EC', use, extractable, usages })
    if (jwk.crv !== name) throw failure('DataError', `The key is not of curve "${name}"`)
    if (algorithm.name === 'ECDSA') checkAlg(jwk, alg)
    return [jwk, checkPublic(joined([4], jwkBytes(jwk, 'x', size), jwkBytes(jwk, 'y', size)))]
  }
  return {
    publicOfJwk: (given, how) => readPublic(given, how)[1],
    secretOfJwk: (given, how) => {
      const [jwk, publicKey] = readPublic(given, how)
      return expectPair(checkSecret(jwkBytes(jwk, 'd', size)), publicKey)
    },
    toJwk: (key) => {
      const { data } = key
      const bytes = data.public ?? data
      const x = toBase64url(bytes.slice(1, 1 + size))
      const members = { kty: 'EC', crv: name, x, y: toBase64url(bytes.slice(1 + size)) }
      return toJwk(data.secret === undefined ? members : { ...members, d: toBase64url(data.secret) }, key)
    },
  }
}

/** The private keys of a curve as octets within PKCS #8. */
const octetsOfCurve = ({ checkPublic, checkSecret, expectPair }) => ({
  toOctets: (data) => {
    const publicKey = element(TAG_1, element(BITS, [0], data.public))
    return element(SEQUENCE, element(INTEGER, [1]), element(OCTETS, data.secret), publicKey)
  },
  fromOctets: (octets) => {
    const parts = elements(onlySequence(octets))
    expectBytes(contents(parts, 0, INTEGER), [1])
    const secret = checkSecret(contents(parts, 1, OCTETS).slice())
    const [tag, last] = parts.at(-1)
    if (tag === TAG_1) expectPair(secret, checkPublic(wholeBits(contents(elements(last), 0, BITS))))
    return secret
  },
})

const makeCurve = (name, library, size, alg, oid) => {
  const bytes = bytesOfCurve(library)
  const oids = joined(EC_PUBLIC_KEY, element(OID, oid))
  return { library, size, oids, ...bytes, ...jwkOfCurve(name, size, alg, bytes), ...octetsOfCurve(bytes) }
}

const CURVES = {
  __proto__: null,
  'P-256': makeCurve('P-256', p256, 32, 'ES256', [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
  'P-384': makeCurve('P-384', p384, 48, 'ES384', [0x2b, 0x81, 0x04, 0x00, 0x22]),
  'P-521': makeCurve('P-521', p521, 66, 'ES512', [0x2b, 0x81, 0x04, 0x00, 0x23]),
}

const curveMember = ({ namedCurve }) => {
  if (namedCurve === undefined) throw new TypeError('The algorithm has no "namedCurve"')
  const name = String(namedCurve)
  if (name in CURVES) return name
  throw failure('NotSupportedError', `There is no curve "${name}"`)
}

const curveOf = (key) => CURVES[key.algorithm.namedCurve]

const kind = (name, allowed, use, operations) => ({
  generateKey: (params, extractable, usages) => {
    const namedCurve = curveMember(params)
    return generatePair({ name, namedCurve }, extractable, usages, allowed, CURVES[namedCurve])
  },
  importKey: (format, given, params, extractable, usages) => {
    const namedCurve = curveMember(params)
    const how = { algorithm: { name, namedCurve }, extractable, usages, allowed, use, curve: CURVES[namedCurve] }
    return importPair(format, given, how)
  },
  exportKey: (format, key) => exportPair(format, key, curveOf(key)),
  ...operations,
})

const OPTIONS = { prehash: false, lowS: false, format: 'compact' }
const digestOf = (params, data) => hashOf(hashMember(params))(data)

export const algorithms = {
  __proto__: null,
  ECDSA: kind('ECDSA', { public: ['verify'], private: ['sign'] }, 'sig', {
    sign: (params, key, data) => {
      const digest = digestOf(params, data)
      expectType(key, 'private')
      return curveOf(key).library.sign(digest, key.data.secret, OPTIONS)
    },
    verify: (params, key, signature, data) => {
      const digest = digestOf(params, data)
      expectType(key, 'public')
      const { library, size } = curveOf(key)
      return signature.length === size * 2 && library.verify(signature, digest, key.data, OPTIONS)
    },
  }),
  ECDH: kind('ECDH', { public: [], private: ['deriveKey', 'deriveBits'] }, 'enc', {
    deriveBits: (params, key, length) => {
      const other = openKey(params.public)
      expectType(key, 'private')
      expectType(other, 'public')
      const { name, namedCurve } = other.algorithm
      if (name !== 'ECDH' || namedCurve !== key.algorithm.namedCurve) {
        throw failure('InvalidAccessError', 'The keys are of different kinds')
      }
      const { library, size } = curveOf(key)
      const shared = attempt('OperationError', BAD_KEY, () =>
        library.getSharedSecret(key.data.secret, other.data, true),
      )
      return firstBits(shared.slice(1, 1 + size), length)
    },
  }),
}
