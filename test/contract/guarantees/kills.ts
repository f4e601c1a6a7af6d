import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Running, Scope } from '../../../src/index.ts'
import { pidsOf, watchCpu } from '../carrier-cpu.ts'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectServing, killed, valueOf } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

/** A guest under way, and how often it called its host function. */
interface UnderWay {
  readonly running: Running
  calls(): number
}

/** Starts a guest and waits until it says, by its first call of `started`, that it runs. */
async function underWay(
  scene: Scene,
  name: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<UnderWay> {
  const first = Promise.withResolvers<void>()
  let calls = 0
  const functions = {
    started: () => {
      calls += 1
      first.resolve()
    },
  }
  const running = scene.start(guest(name), { functions, tenant: 'acme', ...options })
  await Promise.race([first.promise, running.result])
  return { running, calls: () => calls }
}

/** Ends a guest and makes sure that it did end: it calls no more, and no process works for it. */
async function expectDead(scene: Scene, name: string, kill: (guest: UnderWay) => Promise<unknown>): Promise<void> {
  const cpu = await watchCpu(scene)
  const one = await underWay(scene, name)
  const pids = pidsOf(scene)
  await kill(one)
  const calls = one.calls()
  await cpu.expectQuiet(pids)
  assert.equal(one.calls(), calls)
  await expectServing(scene)
}

type Ways = readonly (readonly [way: string, kill: (scene: Scene, name: string) => Promise<void>])[]

const WAYS: Ways = [
  [
    'by its handle',
    (scene, name) =>
      expectDead(scene, name, async ({ running }) => {
        await running.kill('changed my mind')
        assert.deepEqual((await running.result).outcome, killed('handle', 'changed my mind'))
      }),
  ],
  [
    'by an AbortSignal',
    async (scene, name) => {
      const controller = new AbortController()
      const { running } = await underWay(scene, name, { signal: controller.signal })
      controller.abort(new Error('out of patience'))
      assert.deepEqual((await running.result).outcome, killed('signal', 'out of patience'))
      await expectServing(scene)
    },
  ],
  [
    'by a kill switch',
    (scene, name) =>
      expectDead(scene, name, async ({ running }) => {
        assert.equal(await scene.broker.kill({ tenant: 'acme' }, 'unpaid bill'), 1)
        assert.deepEqual((await running.result).outcome, killed('switch', 'unpaid bill'))
      }),
  ],
]

const killsOf = (guests: readonly (readonly [what: string, name: string])[]): readonly Check[] =>
  guests.flatMap(([what, name]) =>
    WAYS.map(([way, kill]) => ({ title: `ends ${what} ${way}`, check: (scene: Scene) => kill(scene, name) })),
  )

const closing: Check = {
  title: 'ends it when its broker closes',
  check: async (scene) => {
    const own = await scene.apart()
    const cpu = await watchCpu(own)
    const { running } = await underWay(own, 'starts-then-ticks')
    const pids = pidsOf(own)
    await own.broker.close()
    const { outcome } = await running.result
    assert.ok(outcome.kind === 'killed' && outcome.by === 'close', JSON.stringify(outcome))
    await cpu.expectQuiet(pids)
    await assert.rejects(own.run('1'), { code: 'RF_BROKER_CLOSED' })
  },
}

const yielding: readonly Check[] = [
  ...killsOf([
    ['a guest that waits for ever', 'starts-then-waits'],
    ['a guest with an interval', 'starts-then-ticks'],
    ['a guest that calls the host for ever', 'starts-again-and-again'],
  ]),
  closing,
]

const busy: readonly Check[] = [
  ...killsOf([
    ['an endless loop', 'starts-then-spins'],
    ['an endless loop of promises', 'starts-then-spins-in-promises'],
  ]),
  {
    title: 'ends it when its broker closes',
    check: async (scene) => {
      const own = await scene.apart()
      const cpu = await watchCpu(own)
      const { running } = await underWay(own, 'starts-then-spins')
      const pids = pidsOf(own)
      await own.broker.close()
      assert.equal((await running.result).outcome.kind, 'killed')
      await cpu.expectQuiet(pids)
    },
  },
]

const early: readonly Check[] = [
  {
    title: 'runs nothing when the signal was aborted before',
    check: async (scene) => {
      let calls = 0
      const functions = { started: () => (calls += 1) }
      const signal = AbortSignal.abort(new Error('never mind'))
      const { outcome } = await scene.run(guest('starts-then-waits'), { functions, signal })
      assert.deepEqual([outcome, calls], [killed('signal', 'never mind'), 0])
    },
  },
  {
    title: 'takes a waiting call out of the queue and leaves the running one alone',
    check: async (scene) => {
      await using own = await scene.apart({ maxConcurrent: 1 })
      const { running } = await underWay(own, 'starts-then-waits')
      const controller = new AbortController()
      const queued = own.start(guest('echoes'), { signal: controller.signal })
      const alsoQueued = own.start(guest('echoes'))
      controller.abort(new Error('no need'))
      await alsoQueued.kill('nor this')
      assert.deepEqual((await queued.result).outcome, killed('signal', 'no need'))
      assert.deepEqual((await alsoQueued.result).outcome, killed('handle', 'nor this'))
      assert.equal(own.broker.stats().running, 1)
      await running.kill('done')
      await expectServing(own)
    },
  },
  {
    title: 'does nothing to a guest that has ended',
    check: async (scene) => {
      const controller = new AbortController()
      const running = scene.start('input', { input: 1, signal: controller.signal })
      const { outcome } = await running.result
      controller.abort()
      await running.kill('too late')
      assert.deepEqual([outcome, (await running.result).outcome], [outcome, outcome])
      assert.equal(outcome.kind, 'returned')
    },
  },
]

const TICKS = 'starts-then-ticks'

const scopes: readonly Check[] = [
  {
    title: 'kills what is in each kind of scope, and nothing else',
    check: async (scene) => {
      await using program = await scene.load('input', { pool: { min: 0 } })
      const other = (scope: Scope): Promise<number> => scene.broker.kill(scope, 'not this one')
      const { running } = await underWay(scene, TICKS)
      const missed = [{ tenant: 'nobody' }, { trust: 'hostile' }, { program: program.hash ?? '' }] as const
      assert.deepEqual(await Promise.all(missed.map(other)), [0, 0, 0])
      assert.equal(await scene.broker.kill({ tenant: 'acme' }, 'this one'), 1)
      assert.equal((await running.result).outcome.kind, 'killed')
      for (const scope of [{ all: true }, { tier: scene.tier }, { trust: 'trusted' }] as const) {
        const one = await underWay(scene, TICKS)
        assert.equal(await scene.broker.kill(scope, 'all of these'), 1)
        assert.deepEqual((await one.running.result).outcome, killed('switch', 'all of these'))
      }
    },
  },
  {
    title: 'kills the calls of one program',
    check: async (scene) => {
      await using program = await scene.load(guest('never-settles'), { pool: { min: 0 } })
      const running = program.start()
      while (running.usage().wallMs === 0) await delay(1)
      assert.equal(await scene.broker.kill({ program: program.hash ?? '' }, 'withdrawn'), 1)
      assert.deepEqual((await running.result).outcome, killed('switch', 'withdrawn'))
    },
  },
  {
    title: 'blocks a scope until it is unblocked',
    check: async (scene) => {
      await using own = await scene.apart()
      const { running } = await underWay(own, TICKS)
      assert.equal(await own.broker.block({ tenant: 'acme' }, 'unpaid bill'), 1)
      assert.deepEqual((await running.result).outcome, killed('switch', 'unpaid bill'))
      const { outcome } = await own.run('1', { tenant: 'acme' })
      assert.deepEqual(outcome, { kind: 'refused', reason: 'Blocked for tenant "acme": unpaid bill' })
      await expectServing(own)
      assert.equal(await own.broker.unblock({ tenant: 'acme' }), true)
      assert.equal(await valueOf(own, '1', { tenant: 'acme' }), 1)
    },
  },
]

/** Kill switches. */
export const KILLS: readonly Guarantee[] = [
  { row: 'Kills a guest that waits, and nothing of it runs on', checks: yielding },
  { row: 'Kills a guest that never yields, and nothing of it runs on', checks: busy },
  { row: 'Takes back a call that has not started', checks: early },
  { row: 'Kills and blocks by tier, trust level, tenant and program', checks: scopes },
]
