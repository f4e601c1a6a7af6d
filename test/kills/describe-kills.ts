import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { BrokerOptions, Outcome } from '../../src/index.ts'
import { canRun } from '../../src/tiers/process-usage.ts'
import { pidsOf, watchCpu } from '../contract/carrier-cpu.ts'
import { expectServing } from '../contract/outcomes.ts'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'
import { eventually, isAlive } from '../leaks/held.ts'
import { type Hearing, listenTo } from './hearing.ts'
import { MEANS, type Means } from './means.ts'
import { type Resister, resistersOf } from './resisters.ts'
import { startUntilUnderWay, type Target } from './target.ts'

/** So many at once that each gets a core soon, where each has a thread or a process of its own. */
const AT_ONCE = 3
/** Which part of the guests each means gets where every guest takes a child of its own. */
const SHARE = 4
/** Set to take the whole matrix there as well. */
const EVERY_CELL = process.env['RINGFENCE_KILLS'] === 'all'
/** From when a guest tells that it runs until it is sure to resist; nothing tells of that. */
const IN_THE_MIDST_MS = 5
/** Where a kill is heard at the end of a turn, the deadline is what bounds the turn. */
const TURN_MS = 30
/** In the vm tier even one that yields may have the thread for long; more than the others need on a busy machine. */
const YIELDING_MS = 20_000
const PATIENCE_MS = 60_000

const OPTIONS: BrokerOptions = {
  policy: {
    levels: { trusted: { limits: { hostCalls: 1_000_000_000, logBytes: 64 * 2 ** 20, wallMs: PATIENCE_MS } } },
  },
  quarantine: { failures: 1, windowMs: 60_000, scope: 'tenant' },
}

/** Kills every guest that resists, by every means, in one tier, and looks for what is left of it. */
export function describeKills(variant: Variant): void {
  describe(`guests that resist in the tier ${variant}`, () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene(variant, OPTIONS)
    })
    afterAll(() => scene[Symbol.asyncDispose]())
    it.each(MEANS)('are gone after $by, every one of them', { timeout: PATIENCE_MS }, async (means) => {
      const cpu = await watchCpu(scene)
      const ended: Ended[] = []
      for (const chunk of chunksOf(variant, means)) ended.push(...(await endChunk(variant, scene, means, chunk)))
      await cpu.expectQuiet([...new Set([process.pid, ...ended.flatMap(({ pids }) => pids)])])
      for (const { what, before, now } of ended) assert.deepEqual(await now(), before, `${what} was still heard of`)
      await expectReleased(scene)
    })
  })
}

interface Ended {
  readonly what: string
  readonly pids: readonly number[]
  /** What the host had heard of it when the killing resolved. */
  readonly before: Heard
  /** What it has heard of it since the beginning. */
  now(): Promise<Heard>
}

/** What a guest can make a host hear. */
interface Heard {
  readonly calls: number
  readonly events: readonly string[]
}

const NOTHING: Heard = { calls: 0, events: [] }

async function heardOf({ running, calls }: Target, hearing: Hearing): Promise<Heard> {
  const { id } = await running.result
  return { calls: calls(), events: hearing(id) }
}

/**
 * Guests that share a thread or a process come one by one: ending one that resists may cost the others their time, or
 * all. A child for every guest and every means takes long: of those, each means gets a part in turn, the first gets all.
 */
function chunksOf(variant: Variant, means: Means): readonly (readonly Resister[])[] {
  const nth = MEANS.indexOf(means)
  const all = resistersOf(variant)
  const isChosen = (at: number): boolean =>
    variant !== 'process' || nth === 0 || EVERY_CELL || at % SHARE === nth % SHARE
  const chosen = all.filter((_, at) => isChosen(at))
  const alone = chosen.filter(({ takesItsProcess }) => takesItsProcess === true)
  const others = chosen.filter((one) => !alone.includes(one))
  const shares = variant === 'isolate' && means.closes === undefined
  const size = shares || variant === 'vm' || variant === 'isolate-inline' ? 1 : AT_ONCE
  const chunks = Array.from({ length: Math.ceil(others.length / size) }, (_, at) =>
    others.slice(at * size, (at + 1) * size),
  )
  return [...chunks, ...alone.map((one) => [one])]
}

async function endChunk(
  variant: Variant,
  shared: Scene,
  means: Means,
  chunk: readonly Resister[],
): Promise<readonly Ended[]> {
  const scene = means.closes === true ? await shared.apart(OPTIONS) : shared
  const hearing = listenTo(scene.broker)
  const starting = chunk.map(({ source, what, neverYields }) => {
    const wallMs = means.wallMs ?? (variant !== 'vm' ? PATIENCE_MS : neverYields ? TURN_MS : YIELDING_MS)
    return startUntilUnderWay(scene, source, `${means.by}: ${what}`, { limits: { wallMs } })
  })
  const targets = await Promise.all(starting)
  await delay(IN_THE_MIDST_MS)
  const carriers = carriersInUse(scene)
  const pids = pidsOf(scene)
  await means.end(scene, targets)
  const calls = targets.map((target) => target.calls())
  const before = await Promise.all(targets.map((target) => heardOf(target, hearing)))
  assert.equal(sandboxesIn(scene), 0, 'a sandbox outlived the killing')
  if (variant === 'process') {
    assert.deepEqual(carriers.filter(canRun), [], 'a child can still run its code')
    assert.ok(await eventually(() => !carriers.some(isAlive), 10_000), 'a child is still there')
  }
  for (const [at, { what, neverYields }] of chunk.entries()) {
    const target = targets[at]
    assert.ok(target !== undefined)
    assert.ok(target.calls() > 0, `${what} never ran`)
    const { outcome } = await target.running.result
    expectEnding(outcome, means.expected(target), variant === 'vm' && neverYields, what)
  }
  // Exactly one ending is told, and nothing after it.
  for (const [at, { calls: now, events }] of before.entries()) {
    // Exactly one ending is told, and nothing after it.
    assert.deepEqual([now, events.indexOf('ended')], [calls[at], events.length - 1])
  }
  return targets.map((target, at) => ({
    what: chunk[at]?.what ?? '',
    pids,
    before: before[at] ?? NOTHING,
    now: () => heardOf(target, hearing),
  }))
}

/** DEVIATION of vm: a turn has the host's own thread, so a kill is heard at its end, which its deadline bounds. */
function expectEnding(outcome: Outcome, expected: Outcome, heardLate: boolean, what: string): void {
  if (heardLate && outcome.kind === 'exceeded' && outcome.limit === 'wallMs') return
  assert.deepEqual(outcome, expected, what)
}

/** The children in which a guest is. */
function carriersInUse({ broker, tier }: Scene): readonly number[] {
  const carriers = broker.stats().tiers.find((one) => one.tier === tier)?.carriers ?? []
  return carriers.flatMap(({ pid, sandboxes }) => (pid === undefined || sandboxes === 0 ? [] : pid))
}

/** How many sandboxes there are in all carriers. */
function sandboxesIn({ broker }: Scene): number {
  return broker.stats().tiers.reduce((sum, { carriers }) => carriers.reduce((all, one) => all + one.sandboxes, sum), 0)
}

/** Nothing runs or waits, and the broker answers as ever. */
async function expectReleased(scene: Scene): Promise<void> {
  const { running, queued } = scene.broker.stats()
  assert.deepEqual({ running, queued, sandboxes: sandboxesIn(scene) }, { running: 0, queued: 0, sandboxes: 0 })
  await expectServing(scene)
}
