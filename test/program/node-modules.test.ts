import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { COMMON_USE } from './node-modules.ts'

const MODULES = 'node'

/** One program that does all of it, once with the prefix and once without. */
const program = (prefix: string): string => `export default async () => {
  const load = async (name) => (await import('${prefix}' + name)).default
  const answers = []
  for (const run of [${COMMON_USE.map(([, body]) => `async () => { ${body} }`).join(',\n')}]) answers.push(await run())
  return answers
}`

describe.each(VARIANTS)('modules of Node in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it.each(['node:', ''])('answer in common use what Node answers, imported as "%s..."', async (prefix) => {
    const url = `data:text/javascript,${encodeURIComponent(program('node:'))}`
    const { default: inNode }: { default: () => Promise<unknown> } = await import(url)
    const { outcome } = await scene.run(program(prefix), { modules: MODULES })
    expect(outcome).toEqual({ kind: 'returned', value: JSON.parse(JSON.stringify(await inNode())) })
  })

  it('are the same for import, require, calls of a warm program, and texts of a session', async () => {
    const source = `const { EventEmitter } = require('events')
      class Counter extends EventEmitter { count = 0 }
      const counter = new Counter()
      counter.on('one', () => (counter.count += 1))
      module.exports = () => { counter.emit('one'); return [counter.count, require('node:events') === EventEmitter] }`
    await using warm = await scene.load(source, { modules: MODULES, pool: { min: 1, max: 1 } })
    expect((await warm.call()).outcome).toEqual({ kind: 'returned', value: [1, true] })
    expect((await warm.call()).outcome).toEqual({ kind: 'returned', value: [2, true] })
    const options = { trust: 'trusted', tier: scene.tier, modules: MODULES } as const
    await using session = await scene.broker.open('export const a = 1', options)
    const { outcome } = await session.evaluate(`(await import('path')).basename('/a/b') + a`)
    expect(outcome).toEqual({ kind: 'returned', value: 'b1' })
  })

  it("stand beside modules of one's own, which come first", async () => {
    const source = `import util from 'util'
      import { join } from 'path'
      export default () => [util, join('a', 'b')]`
    const { outcome } = await scene.run(source, { modules: ['node', { util: 'export default "mine"' }] })
    expect(outcome).toEqual({ kind: 'returned', value: ['mine', 'a/b'] })
  })

  it('refuse by name what reaches out, before the program runs and in it', async () => {
    const early = await scene.run(`import fs from 'node:fs'`, { modules: MODULES })
    expect(early.outcome).toEqual({
      kind: 'refused',
      reason: 'Cannot import "node:fs": it reaches files, and a guest has none',
    })
    const source = `export default () => import('net').catch(({ message, code }) => [message, code])`
    const late = await scene.run(source, { modules: MODULES })
    const reason = 'it reaches the network, and a guest reaches only the hosts that "fetch" grants'
    expect(late.outcome).toEqual({
      kind: 'returned',
      value: [`Cannot import "node:net": ${reason}`, 'ERR_MODULE_NOT_FOUND'],
    })
  })

  it('are not there unless they were asked for', async () => {
    const early = await scene.run(`import util from 'node:util'`)
    expect(early.outcome.kind).toBe('refused')
    const late = await scene.run(`export default () => import('node:' + 'util').catch(({ code }) => code)`)
    expect(late.outcome).toEqual({ kind: 'returned', value: 'ERR_MODULE_NOT_FOUND' })
  })

  // ATTACK: what the libraries use is replaced before they first run; whatever they hand over must be the guest's own.
  it('give a guest that poisons its prototypes nothing of the host', async () => {
    const source = `export default async () => {
      const seen = []
      const keep = (value) => { if (typeof value === 'function' || (typeof value === 'object' && value !== null)) seen.push(value) }
      const call = Function.prototype.call
      Function.prototype.call = function (...given) { keep(this); given.forEach(keep); return Reflect.apply(call, this, given) }
      Object.defineProperty(Object.prototype, 'node:util', { get() { keep(this); return undefined }, set(value) { keep(this); keep(value) }, configurable: true })
      for (const name of ['util', 'buffer', 'assert', 'url']) await import('node:' + name).then(keep, keep)
      return seen.filter((value) => {
        try { return value.constructor?.constructor?.('return typeof process')() === 'object' } catch { return false }
      }).length
    }`
    const { outcome } = await scene.run(source, { modules: MODULES })
    expect(outcome).toEqual({ kind: 'returned', value: 0 })
    const next = await scene.run(`import { format } from 'util'; export default () => format('%s', 1)`, {
      modules: MODULES,
    })
    expect(next.outcome).toEqual({ kind: 'returned', value: '1' })
  })
})

describe('the option "modules"', () => {
  it.each<unknown>(['deno', ['node', {}, {}], [{}]])('refuses %j', async (modules) => {
    await using scene = await openScene('vm')
    await expect(Reflect.apply(scene.run, undefined, ['1', { modules }])).rejects.toThrow('"modules"')
  })
})
