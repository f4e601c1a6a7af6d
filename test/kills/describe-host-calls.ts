import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { pidsOf, watchCpu } from '../contract/carrier-cpu.ts'
import { expectServing, killed } from '../contract/outcomes.ts'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'

const REASON = 'incident 7'
/** In the vm tier it has the host's thread until its deadline, whoever killed it. */
const WALL_MS = 100

/** Kills a guest from within a function it has called and waits for, in one tier. */
export function describeHostCalls(variant: Variant): void {
  describe(`a guest that is killed by the function it calls, in the tier ${variant}`, () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene(variant)
    })
    afterAll(() => scene[Symbol.asyncDispose]())

    it.each([
      ['waits for its answer without yielding', 'stop(); for (;;) tick()', true],
      ['waits for its answer and asks for more', 'await stop(); for (;;) { tick(); await null }', false],
    ])('calls nothing any more when it %s', async (_, body, sync) => {
      const cpu = await watchCpu(scene)
      let ticks = 0
      const functions = {
        stop: { call: () => void running.kill(REASON), sync },
        tick: { call: () => void (ticks += 1), sync: true },
      }
      const source = `import { stop, tick } from 'host'\nexport default async () => { ${body} }`
      const running = scene.start(source, { functions, limits: { wallMs: WALL_MS } })
      const pids = pidsOf(scene)
      const { outcome } = await running.result
      expect(outcome).toEqual(killed('handle', REASON))
      await cpu.expectQuiet(pids)
      expect(ticks).toBe(0)
      await expectServing(scene)
    })

    it.each([
      ['right', true],
      ['wrong', false],
    ])('reaches no function whose arguments were still looked at, and turned out %s', async (_, allowed) => {
      const found = Promise.withResolvers<boolean>()
      const asked = Promise.withResolvers<void>()
      let calls = 0
      const lookUp = (): Promise<boolean> => {
        asked.resolve()
        return found.promise
      }
      const args = z.tuple([z.string().refine(lookUp)])
      const source = `import { order } from 'host'\nexport default () => order('A-1')`
      const running = scene.start(source, { functions: { order: { call: () => void (calls += 1), args } } })
      const events: string[] = []
      scene.broker.on('audit', ({ id }) => events.push(id))
      await asked.promise
      await running.kill(REASON)
      found.resolve(allowed)
      await delay(20)
      const { id, outcome } = await running.result
      expect(outcome).toEqual(killed('handle', REASON))
      expect(calls).toBe(0)
      expect(events).not.toContain(id)
      await expectServing(scene)
    })

    it('throws away an answer that comes after its end', async () => {
      const answer = Promise.withResolvers<number>()
      const called = Promise.withResolvers<void>()
      let ticks = 0
      const functions = {
        ask: () => {
          called.resolve()
          return answer.promise
        },
        tick: () => void (ticks += 1),
      }
      const source = `import { ask, tick } from 'host'\nexport default async () => { await ask(); await tick() }`
      const running = scene.start(source, { functions })
      await called.promise
      await running.kill(REASON)
      answer.resolve(1)
      await delay(20)
      expect((await running.result).outcome).toEqual(killed('handle', REASON))
      expect(ticks).toBe(0)
      await expectServing(scene)
    })
  })
}
