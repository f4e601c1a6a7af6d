import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { LoadedProgram, Scope } from '../../src/index.ts'
import { pidsOf, watchCpu } from '../contract/carrier-cpu.ts'
import { returned } from '../contract/outcomes.ts'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'

const REASON = 'incident 7'
/** Leaves timers behind which use all the CPU time they get, and call the host. */
const SOURCE = `import { tick } from 'host'
let calls = 0
export default () => {
  const again = () => { void tick().catch(() => {}); setTimeout(again) }
  again()
  calls += 1
  return calls
}`

type Way = readonly [by: string, end: (scene: Scene, program: LoadedProgram) => Promise<unknown>]

const byScope = (name: string, scopeOf: (scene: Scene, program: LoadedProgram) => Scope): Way => [
  `a kill of its ${name}`,
  (scene, program) => scene.broker.kill(scopeOf(scene, program), REASON),
]

const WAYS: readonly Way[] = [
  byScope('tenant', () => ({ tenant: 'acme' })),
  byScope('program', (_, { hash = '' }) => ({ program: hash })),
  byScope('tier', ({ tier }) => ({ tier })),
  byScope('trust level', () => ({ trust: 'trusted' })),
  byScope('everything', () => ({ all: true })),
  [
    'a block',
    async (scene, program) => {
      await scene.broker.block({ tenant: 'acme' }, REASON)
      assert.equal((await program.call()).outcome.kind, 'refused')
      await scene.broker.unblock({ tenant: 'acme' })
    },
  ],
  [
    'a quarantine',
    async (scene, program) => {
      await scene.run('new Promise(() => {})', { tenant: 'acme', limits: { wallMs: 5 } })
      assert.equal((await program.call()).outcome.kind, 'refused')
      await scene.broker.kill({ tenant: 'acme' }, REASON)
      await scene.broker.unblock({ tenant: 'acme' })
    },
  ],
]

/** Ends the warm sandboxes of a program between its calls, in one tier. */
export function describeWarm(variant: Variant): void {
  describe(`a warm program between its calls in the tier ${variant}`, () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene(variant, { quarantine: { failures: 1, windowMs: 60_000, scope: 'tenant' } })
    })
    afterAll(() => scene[Symbol.asyncDispose]())

    it.each(WAYS)('is gone after %s, with its timers and its state', async (_, end) => {
      let ticks = 0
      const functions = { tick: () => void (ticks += 1) }
      const cpu = await watchCpu(scene)
      await using program = await scene.load(SOURCE, { tenant: 'acme', functions, pool: { min: 0, max: 1 } })
      assert.deepEqual([returned(await program.call()), returned(await program.call())], [1, 2])
      const pids = pidsOf(scene)
      await end(scene, program)
      const left = scene.broker.stats().pools.map(({ idle, busy, opening }) => idle + busy + opening)
      assert.deepEqual(left, [0])
      const before = ticks
      await cpu.expectQuiet(pids)
      assert.equal(ticks, before)
      assert.equal(returned(await program.call()), 1)
    })

    it('does nothing in the name of nobody: what its timers call between calls is refused', async () => {
      let ticks = 0
      const functions = { tick: () => void (ticks += 1) }
      await using program = await scene.load(SOURCE, { functions, pool: { min: 0, max: 1 } })
      await program.call()
      // What the call itself still had on its way.
      await delay(20)
      const before = ticks
      await delay(50)
      assert.equal(ticks, before)
    })
  })
}
