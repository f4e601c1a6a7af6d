import { describe, expect, it } from 'vitest'
import { WEB_NAMES } from '../../src/web/names.ts'
import { openScene, VARIANTS } from '../contract/scene.ts'
import { KERNEL_NAMES } from './kernel-names.ts'

const PROGRAM = `export default () => {
  const look = (name) => {
    const value = globalThis[name]
    const { value: own, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {}
    const prototype = typeof value === 'function' ? Object.getOwnPropertyDescriptor(value, 'prototype') : undefined
    return [typeof value, own === value, writable, enumerable, configurable, value?.name, prototype?.writable]
  }
  return new Map(${JSON.stringify([...WEB_NAMES.keys(), ...KERNEL_NAMES])}.map((name) => [name, look(name)]))
}`

describe.each(VARIANTS)('the names of the web platform in %s', (variant) => {
  it('are there, as properties that WebIDL describes', async () => {
    await using scene = await openScene(variant)
    const { outcome } = await scene.run(PROGRAM)
    const seen = outcome.kind === 'returned' ? outcome.value : outcome
    if (!(seen instanceof Map)) throw new Error(JSON.stringify(seen))
    for (const [name, kind] of WEB_NAMES) {
      const prototype = kind === 'interface' ? false : undefined
      const type = kind === 'object' ? 'object' : 'function'
      const called = kind === 'object' ? undefined : name
      const answer = [type, true, true, kind !== 'interface', true, called, prototype]
      expect(seen.get(name), name).toEqual(answer)
    }
    for (const name of KERNEL_NAMES) expect(seen.get(name), name).not.toContain('undefined')
  })

  it('can be replaced and deleted before they are touched', async () => {
    await using scene = await openScene(variant)
    const { outcome } = await scene.run(`export default () => {
      globalThis.URL = 1
      const replaced = Object.getOwnPropertyDescriptor(globalThis, 'URL')
      const deleted = delete globalThis.Blob
      const heir = Object.create(globalThis)
      heir.Event = 2
      return [replaced, deleted, 'Blob' in globalThis, heir.Event, typeof Event]
    }`)
    const replaced = { value: 1, writable: true, enumerable: false, configurable: true }
    expect(outcome).toEqual({ kind: 'returned', value: [replaced, true, false, 2, 'function'] })
  })

  it('bring nothing else with them, and nothing back that was taken away', async () => {
    await using scene = await openScene(variant)
    const { outcome } = await scene.run(`export default () => {
      const look = () => [globalThis, ArrayBuffer.prototype].flatMap((holder) => Reflect.ownKeys(holder).map(String))
      const before = look()
      for (const name of ${JSON.stringify([...WEB_NAMES.keys()])}) void globalThis[name]
      return [look().filter((key) => !before.includes(key)), 'WebAssembly' in globalThis, 'SharedArrayBuffer' in globalThis]
    }`)
    expect(outcome).toEqual({ kind: 'returned', value: [[], false, false] })
  })
})
