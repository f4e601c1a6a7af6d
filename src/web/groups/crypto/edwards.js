// Ed25519 and X25519.

import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { attempt, failure } from './arguments.js'
import { firstBits } from './bits.js'
import { contents, element, elements, expectBytes, OCTETS, OID } from './der.js'
import { checkAlg, checkJwk, jwkBytes, readJwk, toBase64url, toJwk } from './jwk.js'
import { expectType, openKey } from './keys.js'
import { exportPair, generatePair, importPair } from './pairs.js'
import { randomBytes } from './random.js'

const SIZE = 32

const expectSize = (bytes) => {
  if (bytes.length === SIZE) return bytes.slice()
  throw failure('DataError', `The key has not ${SIZE} bytes`)
}

const makeCurve = (name, library, oid, use) => {
  const readPublic = (given, { extractable, usages }) => {
    const jwk = readJwk(given)
    checkJwk(jwk, { kty: 'OKP', use, extractable, usages })
    if (jwk.crv !== name) throw failure('DataError', `The key is not of curve "${name}"`)
    if (name === 'Ed25519' && jwk.alg !== 'EdDSA') checkAlg(jwk, name)
    return [jwk, jwkBytes(jwk, 'x', SIZE)]
  }
  const publicOf = (secret) => library.getPublicKey(secret)
  return {
    oids: element(OID, oid),
    publicOf,
    checkPublic: expectSize,
    newSecret: () => randomBytes(SIZE),
    publicOfJwk: (given, how) => readPublic(given, how)[1],
    secretOfJwk: (given, how) => {
      const [jwk, publicKey] = readPublic(given, how)
      const secret = jwkBytes(jwk, 'd', SIZE)
      expectBytes(publicOf(secret), publicKey)
      return secret
    },
    toOctets: (data) => element(OCTETS, data.secret),
    fromOctets: (octets) => {
      const parts = elements(octets)
      if (parts.length !== 1) throw failure('DataError', 'The key is not encoded as it should be')
      return expectSize(contents(parts, 0, OCTETS))
    },
    toJwk: (key) => {
      const { data } = key
      const members = { kty: 'OKP', crv: name, x: toBase64url(data.public ?? data) }
      const named = use === 'sig' ? { ...members, alg: name } : members
      return toJwk(data.secret === undefined ? named : { ...named, d: toBase64url(data.secret) }, key)
    },
  }
}

const kind = (name, library, oid, use, allowed, operations) => {
  const curve = makeCurve(name, library, oid, use)
  const algorithm = { name }
  return {
    generateKey: (_params, extractable, usages) => generatePair(algorithm, extractable, usages, allowed, curve),
    importKey: (format, given, _params, extractable, usages) =>
      importPair(format, given, { algorithm, extractable, usages, allowed, curve }),
    exportKey: (format, key) => exportPair(format, key, curve),
    ...operations,
  }
}

export const algorithms = {
  __proto__: null,
  Ed25519: kind(
    'Ed25519',
    ed25519,
    [0x2b, 0x65, 0x70],
    'sig',
    { public: ['verify'], private: ['sign'] },
    {
      sign: (_params, key, data) => {
        expectType(key, 'private')
        return ed25519.sign(data, key.data.secret)
      },
      verify: (_params, key, signature, data) => {
        expectType(key, 'public')
        try {
          return ed25519.verify(signature, data, key.data, { zip215: false })
        } catch {
          // Of another length, or a key that is no point of the curve: no signature of this key.
          return false
        }
      },
    },
  ),
  X25519: kind(
    'X25519',
    x25519,
    [0x2b, 0x65, 0x6e],
    'enc',
    { public: [], private: ['deriveKey', 'deriveBits'] },
    {
      deriveBits: (params, key, length) => {
        const other = openKey(params.public)
        expectType(key, 'private')
        expectType(other, 'public')
        if (other.algorithm.name !== 'X25519') throw failure('InvalidAccessError', 'The keys are of different kinds')
        const shared = attempt('OperationError', 'The keys share no secret', () =>
          x25519.getSharedSecret(key.data.secret, other.data),
        )
        return firstBits(shared, length)
      },
    },
  ),
}
