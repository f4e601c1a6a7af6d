import assert from 'node:assert/strict'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectExceeded, returned } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

const COUNTED = `import { lookup } from 'host'
  export default async (times) => {
    for (let call = 0; call < times; call += 1) await lookup()
    return times
  }`

const COUNTED_AT_ONCE = `import { lookup } from 'host'
  export default (times) => Promise.all(Array.from({ length: times }, () => lookup()))`

/** Runs a guest that calls a host function some times, with three calls allowed. */
async function callingHost(scene: Scene, source: string, input: number, sync = false): Promise<readonly unknown[]> {
  let calls = 0
  const functions = { lookup: { call: () => (calls += 1), sync } }
  const { outcome } = await scene.run(source, { functions, input, limits: { hostCalls: 3 } })
  return [outcome, calls]
}

const hostCalls: readonly Check[] = [
  {
    title: 'allows exactly as many as were granted',
    check: async (scene) => {
      assert.deepEqual(await callingHost(scene, COUNTED, 3), [{ kind: 'returned', value: 3 }, 3])
      assert.deepEqual(await callingHost(scene, COUNTED, 3, true), [{ kind: 'returned', value: 3 }, 3])
    },
  },
  {
    title: 'ends the guest at one more, which the host never sees',
    check: async (scene) => {
      const ended = [{ kind: 'exceeded', limit: 'hostCalls' }, 3]
      assert.deepEqual(await callingHost(scene, COUNTED, 4), ended)
      assert.deepEqual(await callingHost(scene, COUNTED, 4, true), ended)
      assert.deepEqual(await callingHost(scene, COUNTED_AT_ONCE, 1000), ended)
    },
  },
]

const output: readonly Check[] = [
  {
    title: 'ends a guest whose result is larger',
    check: async (scene) => {
      await expectExceeded(scene, guest('returns-too-much'), 'outputBytes', { limits: { outputBytes: 1_000_000 } })
    },
  },
  {
    title:
      'counts the holes of lists, which nobody could walk, and takes them for no argument of a host function either',
    check: async (scene) => {
      const holes = 'Object.assign([], { length: 2 ** 32 - 1 })'
      await expectExceeded(scene, `export default () => [${holes}]`, 'outputBytes', {})
      const call = (list: readonly unknown[]): number => list.length
      const functions = { later: call, atOnce: { call, sync: true } }
      const source = `import { later, atOnce } from 'host'
        const refused = async (run) => { try { return await run() } catch { return 'refused' } }
        export default async (n) => [
          await refused(() => later(${holes})), await refused(() => atOnce(${holes})), await later(Array(n)), Array(n).length,
        ]`
      const { outcome } = await scene.run(source, { functions, input: 1000 })
      assert.deepEqual(outcome, { kind: 'returned', value: ['refused', 'refused', 1000, 1000] })
    },
  },
  {
    title: 'counts bytes, not characters, and lets a result pass that fits',
    check: async (scene) => {
      const source = 'export default () => "é".repeat(1000)'
      const fits = await scene.run(source, { limits: { outputBytes: 2010 } })
      assert.equal(returned(fits), 'é'.repeat(1000))
      assert.ok(fits.usage.outputBytes >= 2000 && fits.usage.outputBytes <= 2010)
      await expectExceeded(scene, source, 'outputBytes', { limits: { outputBytes: 1990 } })
    },
  },
]

const logs: readonly Check[] = [
  {
    title: 'ends a guest that has written more, and keeps what fitted',
    check: async (scene) => {
      const source = `export default async () => {
        for (let line = 0; line < 50; line += 1) console.log('x'.repeat(100))
        await new Promise(() => {})
      }`
      const execution = await expectExceeded(scene, source, 'logBytes', { limits: { logBytes: 1050, wallMs: 5000 } })
      assert.deepEqual([execution.logs.length, execution.logs[0]?.text], [10, 'x'.repeat(100)])
      assert.ok(execution.usage.wallMs < 2500)
    },
  },
  {
    title: 'ends a guest that never stops writing',
    check: async (scene) => {
      const limits = { logBytes: 10_000, wallMs: 500 }
      await expectExceeded(scene, guest('floods-console'), 'logBytes', { limits })
    },
  },
  {
    title: 'ends a guest that never stops writing lines without text',
    check: async (scene) => {
      const limits = { logBytes: 10_000, wallMs: 500 }
      await expectExceeded(scene, guest('floods-console-with-nothing'), 'logBytes', { limits })
    },
  },
  {
    title: 'lets lines pass that fit',
    check: async (scene) => {
      const { outcome, logs: lines } = await scene.run(guest('writes-console'), { limits: { logBytes: 1000 } })
      assert.deepEqual([outcome.kind, lines.length], ['returned', 5])
    },
  },
]

const streams: readonly Check[] = [
  {
    title: 'ends a guest that never stops giving chunks, and keeps those that fitted',
    check: async ({ broker, tier }) => {
      const source = 'export default function* () { for (;;) yield "x".repeat(99) }'
      const stream = broker.stream(source, { trust: 'trusted', tier, limits: { outputBytes: 1000 } })
      assert.equal((await Array.fromAsync(stream)).length, 10)
      assert.deepEqual((await stream.result).outcome, { kind: 'exceeded', limit: 'outputBytes' })
    },
  },
  {
    title: 'ends a guest that gives no chunk in time',
    check: async ({ broker, tier }) => {
      const source = 'export default async function* () { yield 1; await new Promise(() => {}) }'
      const stream = broker.stream(source, { trust: 'trusted', tier, limits: { idleMs: 100 } })
      assert.deepEqual(await Array.fromAsync(stream), [1])
      assert.deepEqual((await stream.result).outcome, { kind: 'exceeded', limit: 'idleMs' })
    },
  },
]

const ahead: readonly Check[] = [
  {
    title: 'refuses a source over its limit',
    check: async (scene) => {
      const { outcome } = await scene.run(`input // ${'x'.repeat(100)}`, { limits: { sourceBytes: 50 } })
      const reason = 'The source has 109 bytes, and limit "sourceBytes" is 50'
      assert.deepEqual(outcome, { kind: 'refused', reason })
    },
  },
  {
    title: 'refuses an input over its limit',
    check: async (scene) => {
      const { outcome } = await scene.run('input', { input: 'x'.repeat(100), limits: { inputBytes: 50 } })
      assert.ok(outcome.kind === 'refused' && outcome.reason.includes('"inputBytes" is 50'))
    },
  },
]

/** What is counted. */
export const CEILINGS: readonly Guarantee[] = [
  { row: 'Ends a guest at its limit of host calls, counted exactly', checks: hostCalls },
  { row: 'Ends a guest whose result or log is over its limit', checks: [...output, ...logs] },
  { row: 'Ends a guest whose stream is over its limit of bytes, or silent for too long', checks: streams },
  { row: 'Refuses a source or an input over its limit before anything runs', checks: ahead },
]
