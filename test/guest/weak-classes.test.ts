import { describe, expect, it } from 'vitest'
import { openScene, VARIANTS } from '../contract/scene.ts'

/** Each is called once the guest has made garbage, and answers what it saw of the collector: nothing. */
const GUARANTEED = {
  'keep what a reference points to': `
    const references = []
    for (let i = 0; i < 2000; i += 1) references.push(new WeakRef({ i, ballast: new Array(200).fill(i) }))
    export default async () => {
      for (let round = 0; round < 20; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        for (let i = 0; i < 200; i += 1) new Array(2000).fill(i)
      }
      return references.filter((reference) => reference.deref() === undefined).length
    }`,
  'never call back': `
    let called = 0
    const registry = new FinalizationRegistry(() => { called += 1; throw 'the text of a guest' })
    export default async () => {
      for (let i = 0; i < 2000; i += 1) registry.register({ ballast: new Array(200).fill(i) }, i)
      for (let round = 0; round < 20; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        for (let i = 0; i < 200; i += 1) new Array(2000).fill(i)
      }
      return called
    }`,
  "lead to no constructor of the engine's own": `
    class Kin extends WeakRef {}
    const ways = [
      WeakRef.prototype.constructor,
      Object.getPrototypeOf(new WeakRef({})).constructor,
      Object.getPrototypeOf(Kin),
      Reflect.construct(WeakRef, [{}], Kin).constructor === Kin ? WeakRef : undefined,
    ]
    const registries = [FinalizationRegistry.prototype.constructor, new FinalizationRegistry(() => {}).constructor]
    export default () => ways.concat(registries).filter((way) => way !== WeakRef && way !== FinalizationRegistry).length`,
  'keep no hold of a method that a guest replaces': `
    let seen = 0
    for (const holder of [WeakMap.prototype, WeakSet.prototype]) {
      for (const name of ['get', 'set', 'add', 'has', 'delete']) holder[name] = function () { seen += 1 }
    }
    new WeakRef({})
    const registry = new FinalizationRegistry(() => {})
    const token = {}
    registry.register({}, 1, token)
    export default () => seen + (registry.unregister(token) ? 0 : 100) + (registry.unregister(token) ? 100 : 0)`,
} as const

const MISUSES = [
  'WeakRef({})',
  'new WeakRef(1)',
  "new WeakRef(Symbol.for('registered'))",
  'WeakRef.prototype.deref.call({})',
  'FinalizationRegistry(() => {})',
  'new FinalizationRegistry({})',
  'new FinalizationRegistry(() => {}).register(1)',
  'FinalizationRegistry.prototype.register.call({}, {})',
  'FinalizationRegistry.prototype.register.call(new Proxy(new FinalizationRegistry(() => {}), {}), {})',
  'new FinalizationRegistry(() => {}).unregister()',
  'const o = {}; new FinalizationRegistry(() => {}).register(o, o)',
  'new FinalizationRegistry(() => {}).register({}, 1, 1)',
]

describe.each(VARIANTS)('weak references in "%s"', (variant) => {
  it.each(Object.entries(GUARANTEED))('%s', async (_title, source) => {
    await using scene = await openScene(variant)
    expect((await scene.run(source)).outcome).toEqual({ kind: 'returned', value: 0 })
  })

  it('throw a TypeError for what they cannot hold', async () => {
    await using scene = await openScene(variant)
    const source = MISUSES.map((code) => `() => { ${code} }`).join(',')
    const { outcome } = await scene.run(`export default () => [${source}].map((misuse) => {
      try { misuse() } catch (error) { return error instanceof TypeError }
    })`)
    expect(outcome).toEqual({ kind: 'returned', value: MISUSES.map(() => true) })
  })
})

describe.each(VARIANTS)('Atomics in "%s"', (variant) => {
  it('neither wait nor share', async () => {
    await using scene = await openScene(variant)
    const { outcome } = await scene.run(`export default () => {
      const own = new Int32Array(1)
      const refusals = ['wait', 'waitAsync'].map((name) => {
        try { Atomics[name](own, 0, 0, 1e9) } catch (error) { return error instanceof TypeError }
      })
      return [...refusals, Atomics.notify(own, 0), Atomics.add(own, 0, 3), own[0]]
    }`)
    expect(outcome).toEqual({ kind: 'returned', value: [true, true, 0, 0, 3] })
  })
})
