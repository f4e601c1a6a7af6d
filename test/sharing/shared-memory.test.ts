import { describe, expect, it } from 'vitest'
import { openScene, VARIANTS } from '../contract/scene.ts'

/** Looks for shared memory wherever a guest may come by some: its globals, its input, and what the host answers. */
const SEARCH = `import * as host from 'host'
const isShared = (value) => {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]'
}
export default async (input) => {
  const found = ['SharedArrayBuffer', 'WebAssembly'].filter((name) => name in globalThis)
  for (const value of Object.values(input)) {
    if (isShared(value)) found.push('input')
    if (ArrayBuffer.isView(value)) value[0] = 99
  }
  for (const name of Object.keys(host)) {
    try {
      const value = await host[name]()
      if (isShared(value)) found.push(name)
      if (ArrayBuffer.isView(value)) value[0] = 99
    } catch (error) {
      if (error.name !== 'DataCloneError') found.push(String(error))
    }
  }
  try { structuredClone(new Int32Array(4), { transfer: [] }) } catch (error) { found.push(String(error)) }
  return found
}`

describe.each(VARIANTS)('a guest in "%s"', (variant) => {
  it('comes by no memory that anybody else has', async () => {
    const shared = new SharedArrayBuffer(8)
    const own = new Int32Array(2)
    const functions = { shared: () => shared, view: () => new Int32Array(shared), own: { call: () => own, sync: true } }
    await using scene = await openScene(variant)
    const { outcome } = await scene.run(SEARCH, { input: { own }, functions })
    expect(outcome).toEqual({ kind: 'returned', value: [] })
    expect([...own, ...new Int32Array(shared)]).toEqual([0, 0, 0, 0])
  })

  it.each([
    ['a buffer', () => new SharedArrayBuffer(8)],
    ['a view', () => new Int32Array(new SharedArrayBuffer(8))],
    ['a view deep inside', () => ({ a: [new Map([[1, new DataView(new SharedArrayBuffer(8))]])] })],
  ])('is given no shared memory as its input: %s', async (_, make) => {
    await using scene = await openScene(variant)
    const made = make()
    let outcome: unknown
    try {
      outcome = (await scene.run('(x) => Object.prototype.toString.call(x)', { input: made })).outcome
    } catch (error) {
      outcome = error
    }
    expect(outcome).toMatchObject({ code: 'RF_DATA_NOT_CLONEABLE' })
  })
})
