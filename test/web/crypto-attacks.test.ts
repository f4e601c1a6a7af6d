import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'

/** Catches every list of 32 bytes that the libraries handle, in which a guest's seed and keys are. */
const CATCHING = `
  const caught = new Set()
  const look = (value) => {
    if (ArrayBuffer.isView(value) && value.byteLength >= 32) caught.add(Array.prototype.join.call(new Uint8Array(value.buffer, value.byteOffset, 32)))
  }
  const typed = Object.getPrototypeOf(Uint8Array.prototype)
  for (const name of ['set', 'subarray', 'slice', 'fill']) {
    const native = typed[name]
    typed[name] = function (...args) {
      look(this)
      for (const arg of args) look(arg)
      return native.apply(this, args)
    }
  }`

describe.each(VARIANTS)('guests that attack the cryptography in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const valueOf = async (source: string): Promise<unknown> => {
    const { outcome } = await scene.run(source)
    return outcome.kind === 'returned' ? outcome.value : outcome
  }

  it('find the randomness of no other realm, when they catch the keys of their own', async () => {
    const source = `${CATCHING}
      export default () => [crypto.getRandomValues(new Uint8Array(32)).join(), ...caught]`
    const runs = await Promise.all([valueOf(source), valueOf(source), valueOf(source)])
    const all = runs.flatMap((run) => (Array.isArray(run) ? run.map(String) : []))
    const secrets = all.filter((one) => !one.startsWith('0,0,0,0,0,0,0,0'))
    // Each catches something, and nothing twice in two of them.
    expect(all.length).toBeGreaterThan(8)
    for (const run of runs) expect(Array.isArray(run) && run.length > 2).toBe(true)
    const shared = secrets.filter((one) => runs.filter((run) => Array.isArray(run) && run.includes(one)).length > 1)
    expect(shared).toEqual([])
  })

  it('get nothing twice, call after call of the same realm', async () => {
    await using program = await scene.load(`export default () => [crypto.randomUUID(), crypto.randomUUID()]`)
    const seen = new Set<unknown>()
    for (let call = 0; call < 4; call += 1) {
      const { outcome } = await program.call()
      if (outcome.kind !== 'returned' || !Array.isArray(outcome.value)) throw new Error(JSON.stringify(outcome))
      for (const id of outcome.value) seen.add(id)
    }
    expect(seen.size).toBe(8)
  })

  it('get nothing twice when the libraries fail for want of a stack, and an error at the worst', async () => {
    const value = await valueOf(`export default () => {
      const seen = []
      const strange = []
      const dive = () => {
        try { dive() } catch {}
        try { seen.push(crypto.randomUUID()) } catch (error) { if (!(error instanceof Error)) strange.push(String(error)) }
      }
      for (let i = 0; i < 3; i += 1) try { dive() } catch {}
      return [seen.length === new Set(seen).size, strange, typeof crypto.randomUUID()]
    }`)
    expect(value).toEqual([true, [], 'string'])
  })

  it('are held to 65,536 bytes at once, and get none for what is no view of whole numbers', async () => {
    const value = await valueOf(`export default () => {
      const detached = new Uint8Array(8)
      structuredClone(detached.buffer, { transfer: [detached.buffer] })
      const lying = new Uint8Array(70000)
      Object.defineProperty(lying, 'byteLength', { get: () => 2 ** 40 })
      const given = [
        new Uint8Array(65536), new Uint8Array(65537), new Uint32Array(16385), detached, lying, new Float64Array(1), new DataView(new ArrayBuffer(8)),
        new ArrayBuffer(8), [1, 2], { byteLength: 4, buffer: new ArrayBuffer(4) }, null, Object.create(Uint8Array.prototype), new Proxy(new Uint8Array(4), {}),
      ]
      return given.map((one) => { try { return crypto.getRandomValues(one) === one } catch (error) { return error.name } })
    }`)
    const [quota, mismatch] = ['QuotaExceededError', 'TypeMismatchError']
    const types = Array.from({ length: 6 }, () => 'TypeError')
    expect(value).toEqual([true, quota, quota, true, quota, mismatch, mismatch, ...types])
  })

  it('find no way past the brands of its objects', async () => {
    const value = await valueOf(`export default async () => {
      const name = async (run) => { try { return typeof (await run()) } catch (error) { return error.name } }
      const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
      key.algorithm.name = 'AES-GCM'
      key.usages.push('verify', 'encrypt')
      const fake = Object.setPrototypeOf({ type: 'secret', algorithm: { name: 'HMAC' }, usages: ['sign'] }, CryptoKey.prototype)
      const sign = (one) => () => crypto.subtle.sign('HMAC', one, new Uint8Array(1))
      return Promise.all([
        () => new Crypto(), () => new CryptoKey(), () => new SubtleCrypto(), () => crypto.randomUUID.call({}),
        () => crypto.subtle.digest.call({}, 'SHA-256', new Uint8Array(1)), () => Object.create(crypto).subtle,
        sign(fake), sign(new Proxy(key, {})), sign(Object.create(key)), sign(key),
        () => crypto.subtle.verify('HMAC', key, new Uint8Array(32), new Uint8Array(1)),
        () => crypto.subtle.exportKey('raw', key), () => structuredClone(key),
      ].map(name))
    }`)
    const types = Array.from({ length: 9 }, () => 'TypeError')
    expect(value).toEqual([...types, 'object', 'InvalidAccessError', 'InvalidAccessError', 'DataCloneError'])
  })

  it('are ended at their limits by work without end', async () => {
    const source = `export default async () => {
      const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits'])
      const how = { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: 2 ** 32 - 1 }
      return crypto.subtle.deriveBits(how, key, 8)
    }`
    const { outcome } = await scene.run(source, { limits: { wallMs: 400, cpuMs: 400 } })
    expect(outcome).toMatchObject({ kind: 'exceeded', limit: expect.stringMatching(/^(wall|cpu)Ms$/) })
    expect(await valueOf(`export default () => crypto.randomUUID().length`)).toBe(36)
  })

  it('are given no key where they name none of it, and find no name of the kernel for it', async () => {
    const value = await valueOf(`export default () => {
      const names = ['takeSeed', 'seeds', 'webSeeds', 'limits', 'webHost', 'randomBytes']
      const found = names.filter((name) => name in globalThis)
      for (const name of names) try { eval(name); found.push(name) } catch {}
      return found
    }`)
    expect(value).toEqual([])
  })
})
