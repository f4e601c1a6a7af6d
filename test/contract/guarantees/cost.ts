import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryEvent } from '../../../src/index.ts'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectExceeded, expectServing, returned } from '../outcomes.ts'
import { guest } from '../scene.ts'

const MIB = 2 ** 20
const LIMIT = 32 * MIB
const AMPLE_MS = 10_000

const cpu: readonly Check[] = [
  {
    title: 'ends a guest that spends it in slices, long before its wall time',
    check: async (scene) => {
      const limits = { cpuMs: 100, wallMs: AMPLE_MS }
      const { usage } = await expectExceeded(scene, guest('burns-cpu-in-slices'), 'cpuMs', { limits })
      assert.ok(usage.wallMs < AMPLE_MS / 2, `it ran for ${usage.wallMs} ms`)
    },
  },
  {
    title: 'ends a guest that spends it all at once',
    check: async (scene) => {
      await expectExceeded(scene, guest('spins'), 'cpuMs', { limits: { cpuMs: 100, wallMs: AMPLE_MS } })
    },
  },
  {
    title: 'does not count the time a guest waits',
    check: async (scene) => {
      const source = 'export default () => new Promise((resolve) => setTimeout(resolve, 300, "rested"))'
      const execution = await scene.run(source, { limits: { cpuMs: 150 } })
      assert.equal(returned(execution), 'rested')
      assert.ok((execution.usage.cpuMs ?? 0) < 150)
    },
  },
]

const atOnce: readonly Check[] = [
  {
    title: 'ends a guest that allocates in a loop without yielding',
    check: async (scene) => {
      const limits = { memoryBytes: LIMIT, wallMs: AMPLE_MS }
      await expectExceeded(scene, guest('allocates-forever'), 'memoryBytes', { limits })
    },
  },
  {
    title: 'ends a guest that allocates buffers, which lie outside its heap, or refuses it the next one',
    check: async (scene) => {
      const limits = { memoryBytes: LIMIT, wallMs: AMPLE_MS }
      const { outcome, usage } = await scene.run(guest('allocates-buffers'), { limits })
      const refused = outcome.kind === 'threw' && outcome.error.message === 'Array buffer allocation failed'
      const ended = outcome.kind === 'exceeded' && outcome.limit === 'memoryBytes'
      assert.ok(refused || ended, JSON.stringify(outcome))
      assert.ok(usage.wallMs < AMPLE_MS / 2, `it ran for ${usage.wallMs} ms`)
      await expectServing(scene)
    },
  },
]

const betweenTurns: readonly Check[] = [
  {
    title: 'ends a guest that keeps more with every turn',
    check: async (scene) => {
      const limits = { memoryBytes: LIMIT, wallMs: AMPLE_MS }
      const { usage } = await expectExceeded(scene, guest('leaks-between-turns'), 'memoryBytes', { limits })
      assert.ok((usage.peakMemoryBytes ?? 0) > LIMIT / 2)
    },
  },
  {
    title: 'does not end a guest that drops what it allocates',
    check: async (scene) => {
      const source = `export default async () => {
        let kept
        for (let turn = 0; turn < 20; turn += 1) {
          kept = new Array(2 ** 17).fill(turn)
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        return kept[0]
      }`
      assert.equal(returned(await scene.run(source, { limits: { memoryBytes: 2 * LIMIT } })), 19)
    },
  },
]

const watched: readonly Check[] = [
  {
    title: 'shows what a guest has used so far while it runs, and the peak in the receipt',
    check: async (scene) => {
      const running = scene.start(guest('fills-memory'), { input: 24, limits: { memoryBytes: 256 * MIB } })
      const seen = []
      while (seen.length < 200) {
        const { cpuMs = 0, peakMemoryBytes = 0, wallMs } = running.usage()
        seen.push({ cpuMs, peakMemoryBytes, wallMs })
        if (peakMemoryBytes > 12 * MIB && cpuMs > 0) break
        await delay(10)
      }
      const live = seen.at(-1)
      const { outcome, usage } = await running.result
      assert.equal(outcome.kind, 'returned')
      assert.ok(live !== undefined && live.peakMemoryBytes > 12 * MIB && live.cpuMs > 0, JSON.stringify(live))
      assert.ok(live.wallMs < usage.wallMs, 'it was seen only after its end')
      assert.ok((usage.peakMemoryBytes ?? 0) > 20 * MIB, `the peak was ${usage.peakMemoryBytes}`)
    },
  },
  {
    title: 'tells of a guest that passes 80 % of its memory, once, and of no other',
    check: async (scene) => {
      const events: MemoryEvent[] = []
      const stop = scene.broker.on('memory', (event) => events.push(event))
      const limits = { memoryBytes: 2 * LIMIT }
      await scene.run(guest('echoes'), { limits })
      const { id, outcome } = await scene.run(guest('fills-memory'), { input: 57, limits, tenant: 'acme' })
      stop()
      assert.equal(outcome.kind, 'returned', JSON.stringify(outcome))
      assert.equal(events.length, 1)
      const [event] = events
      assert.deepEqual([event?.id, event?.tenant, event?.limitBytes], [id, 'acme', 2 * LIMIT])
      assert.ok((event?.memoryBytes ?? 0) >= 2 * LIMIT * 0.8)
    },
  },
]

/** The row that some tiers hold to only in part. */
export const MEASURES = 'Measures CPU time and memory while a guest runs, and warns at 80 % of its memory'

/** What a guest may use, and how that is watched. */
export const COST: readonly Guarantee[] = [
  { row: 'Ends a guest at its CPU limit', checks: cpu },
  { row: 'Ends a guest at its memory limit in the middle of a turn', checks: atOnce },
  { row: 'Ends a guest at its memory limit between turns', checks: betweenTurns },
  { row: MEASURES, checks: watched },
]
