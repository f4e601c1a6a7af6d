import { setTimeout } from 'node:timers/promises'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Execution } from '../../src/core/types.ts'
import { returned, type Script } from './fake-tier.ts'
import { isSettled } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

const moment = fc.integer({ min: 0, max: 12 })

/** What befalls one execution, and when, in milliseconds. */
const fate = fc.record({
  warm: fc.boolean(),
  ending: fc.constantFrom('returned', 'threw', 'exceeded', 'crashed', 'unstarted', 'rejected', 'hangs'),
  endsAt: moment,
  killedAt: fc.option(moment, { nil: undefined }),
  abortedAt: fc.option(moment, { nil: undefined }),
  switchedAt: fc.option(moment, { nil: undefined }),
})
const world = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 8 }),
  maxConcurrent: fc.integer({ min: 1, max: 4 }),
  wallMs: fc.integer({ min: 1, max: 15 }),
  openMs: fc.integer({ min: 0, max: 4 }),
  failingOpenings: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 4 }),
  killMs: fc.integer({ min: 0, max: 3 }),
  closedAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
})
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never

const after = (ms: number): Promise<void> => (ms === 0 ? Promise.resolve() : setTimeout(ms))

function scriptOf(fates: readonly Fate[]): Script {
  return async ({ input }) => {
    const { ending = 'returned', endsAt = 0 } = fates[Number(input.slice(1))] ?? {}
    if (ending === 'hangs') return new Promise(() => {})
    await after(endsAt)
    if (ending === 'returned') return returned(1)
    if (ending === 'threw') return { kind: 'threw', error: { name: 'Error', message: 'no' } }
    if (ending === 'exceeded') return { kind: 'exceeded', limit: 'memoryBytes' }
    if (ending === 'rejected') throw new Error('wire broke')
    return { kind: 'crashed', detail: 'gone', started: ending === 'crashed' }
  }
}

it('settles every execution exactly once, whatever befalls it and in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ fates, maxConcurrent, wallMs, openMs, failingOpenings, killMs, closedAt }) => {
      const { broker, tier } = sceneOf(
        {
          script: scriptOf(fates),
          killing: () => after(killMs),
          opening: async (nth) => {
            await after(openMs)
            if (failingOpenings.includes(nth)) throw new Error('no room')
          },
        },
        { maxConcurrent, pool: { min: 0, max: 2 } },
      )
      const ended: Execution[] = []
      broker.on('ended', (execution) => ended.push(execution))
      const limits = { wallMs }
      const program = await broker.load(SOURCE, { limits })
      const results = fates.map(async (one, input) => {
        const abort = new AbortController()
        const { signal } = abort
        const running = one.warm ? program.start(input, { signal }) : broker.start(SOURCE, { input, signal, limits })
        if (one.killedAt !== undefined) void after(one.killedAt).then(() => running.kill('by hand'))
        if (one.abortedAt !== undefined) void after(one.abortedAt).then(() => abort.abort())
        if (one.switchedAt !== undefined) void after(one.switchedAt).then(() => broker.kill({ all: true }, 'all'))
        return running.result
      })
      if (closedAt !== undefined) await after(closedAt).then(() => broker.close())
      const executions = await Promise.all(results)
      await broker.close()
      expect(await isSettled(broker.close())).toBe(true)
      expect(new Set(ended.map(({ id }) => id)).size).toBe(fates.length)
      expect(ended).toHaveLength(fates.length)
      expect(broker.stats()).toMatchObject({ running: 0, queued: 0, pools: [] })
      for (const { outcome } of executions) expect(outcome.kind).not.toBe('refused')
      for (const sandbox of tier.sandboxes) expect(sandbox.disposals).toBe(1)
    }),
    { numRuns: 150 },
  )
})
