import { webcrypto } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'

const { subtle } = webcrypto
const TEXT = new TextEncoder().encode('what is signed and encrypted')
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const IV = Uint8Array.from({ length: 16 }, (_, index) => 255 - index)

/** What the guest does, as the body of an async function of `subtle`, `text`, `secret` and `iv`. */
const SECRETS: Readonly<Record<string, string>> = {
  sha1: `subtle.digest('SHA-1', text)`,
  sha512: `subtle.digest({ name: 'sha-512' }, text.buffer)`,
  hmac: `subtle.sign('HMAC', await raw({ name: 'HMAC', hash: 'SHA-384' }, ['sign']), text)`,
  gcm: `subtle.encrypt({ name: 'AES-GCM', iv, additionalData: secret, tagLength: 96 }, await raw('AES-GCM', ['encrypt']), text)`,
  cbc: `subtle.encrypt({ name: 'AES-CBC', iv }, await raw('AES-CBC', ['encrypt']), text)`,
  ctr: `subtle.encrypt({ name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 8 }, await raw('AES-CTR', ['encrypt']), text)`,
  kw: `subtle.wrapKey('raw', await raw('AES-GCM', ['encrypt'], true), await raw('AES-KW', ['wrapKey']), 'AES-KW')`,
  pbkdf2: `subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: iv, iterations: 100 }, await raw('PBKDF2', ['deriveBits']), 200)`,
  hkdf: `subtle.deriveBits({ name: 'HKDF', hash: 'SHA-512', salt: iv, info: text }, await raw('HKDF', ['deriveBits']), 520)`,
}

const RAW = `const raw = (algorithm, usages, extractable = false) => subtle.importKey('raw', secret, algorithm, extractable, usages)`

const PAIRS = [
  [
    { name: 'ECDSA', namedCurve: 'P-256' },
    { name: 'ECDSA', hash: 'SHA-512' },
  ],
  [
    { name: 'ECDSA', namedCurve: 'P-384' },
    { name: 'ECDSA', hash: 'SHA-1' },
  ],
  [
    { name: 'ECDSA', namedCurve: 'P-521' },
    { name: 'ECDSA', hash: 'SHA-256' },
  ],
  [{ name: 'Ed25519' }, { name: 'Ed25519' }],
] as const

/** The answers of the guest's program, made by Node in this process. */
const byNode = async (): Promise<Readonly<Record<string, ArrayBuffer>>> => {
  const entries = Object.entries(SECRETS).map(async ([name, body]) => {
    // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- the same text runs here and in guests
    const answer: ArrayBuffer = await new Function(
      'subtle, text, secret, iv',
      `return (async () => { ${RAW}; return ${body} })()`,
    )(subtle, TEXT, SECRET, IV)
    return [name, answer] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

const PROGRAM = `const { subtle } = crypto
export const secrets = async ({ text, secret, iv }) => {
  ${RAW}
  return {${Object.entries(SECRETS)
    .map(([name, body]) => `${name}: await ${body}`)
    .join(',\n')}}
}
export const pairs = ({ text, kinds }) => Promise.all(kinds.map(async ([kind, how]) => {
  const { publicKey, privateKey } = await subtle.generateKey(kind, true, ['sign', 'verify'])
  const exported = {}
  for (const format of ['raw', 'spki', 'jwk']) exported[format] = await subtle.exportKey(format, publicKey)
  const again = await subtle.importKey('pkcs8', await subtle.exportKey('pkcs8', privateKey), kind, true, ['sign'])
  const signature = await subtle.sign(how, again, text)
  return { exported, signature, jwk: await subtle.exportKey('jwk', again), own: await subtle.verify(how, publicKey, signature, text) }
}))
export const forgeries = async ({ text }) => {
  const { publicKey, privateKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = new Uint8Array(await subtle.sign(how, privateKey, text))
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, text))
  sealed[3] ^= 1
  const broken = new Uint8Array(signature)
  broken[5] ^= 1
  const name = (promise) => promise.then((value) => value, (error) => error.name)
  return [
    await subtle.verify(how, publicKey, broken, text),
    await subtle.verify(how, publicKey, new Uint8Array(64), text),
    await subtle.verify(how, publicKey, signature.subarray(1), text),
    await name(subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)),
    await name(subtle.exportKey('raw', key)),
    await name(subtle.exportKey('pkcs8', privateKey)),
    await name(subtle.importKey('raw', new Uint8Array(65).fill(4), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])),
    await name(subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, key, text)),
    await name(subtle.generateKey({ name: 'RSA-PSS' }, true, ['sign'])),
  ]
}`

describe.each(VARIANTS)('the cryptography of guests in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const call = async (name: string, input: unknown): Promise<unknown> => {
    const { outcome } = await scene.run(PROGRAM, { export: name, input })
    return outcome.kind === 'returned' ? outcome.value : outcome
  }

  it('answers with secret keys what Node answers', async () => {
    expect(await call('secrets', { text: TEXT, secret: SECRET, iv: IV })).toEqual(await byNode())
  })

  it('signs what Node verifies, with keys that Node reads', async () => {
    const answers = await call('pairs', { text: TEXT, kinds: PAIRS })
    if (!Array.isArray(answers)) throw new Error(JSON.stringify(answers))
    for (const [index, [kind, how]] of PAIRS.entries()) {
      const { exported, signature, jwk, own } = answers[index]
      expect(own).toBe(true)
      for (const format of ['raw', 'spki'] as const) {
        // oxlint-disable-next-line typescript/no-unsafe-argument, typescript/no-unsafe-member-access -- as above
        const key = await subtle.importKey(format, exported[format], kind, true, ['verify'])
        // oxlint-disable-next-line typescript/no-unsafe-argument -- as above
        expect(await subtle.verify(how, key, signature, TEXT)).toBe(true)
      }
      // oxlint-disable-next-line typescript/no-unsafe-argument -- as above
      expect((await subtle.importKey('jwk', jwk, kind, true, ['sign'])).type).toBe('private')
    }
  })

  it('refuses what was changed, and what a key is not for', async () => {
    const [data, access] = ['OperationError', 'InvalidAccessError']
    const refused = [false, false, false, data, access, access, 'DataError', access, 'NotSupportedError']
    expect(await call('forgeries', { text: TEXT })).toEqual(refused)
  })

  it('gives randomness that fills what it is given, and identifiers of version 4', async () => {
    const { outcome } = await scene.run(`export default () => {
      const wide = crypto.getRandomValues(new BigUint64Array(8192))
      const part = new Uint8Array(64)
      crypto.getRandomValues(part.subarray(16, 48))
      const counts = new Map()
      for (const byte of new Uint8Array(wide.buffer)) counts.set(byte, (counts.get(byte) ?? 0) + 1)
      return {
        kinds: counts.size,
        even: [...counts.values()].every((count) => count > 150 && count < 370),
        around: [...part.subarray(0, 16), ...part.subarray(48)].every((byte) => byte === 0),
        inside: part.subarray(16, 48).some((byte) => byte !== 0),
        ids: Array.from({ length: 100 }, () => crypto.randomUUID()),
      }
    }`)
    const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    const ids = Array.from({ length: 100 }, () => uuid)
    const value = { kinds: 256, even: true, around: true, inside: true, ids }
    expect(outcome).toEqual({ kind: 'returned', value })
  })
})
