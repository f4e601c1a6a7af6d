import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Broker, createBroker, type TierId } from '../../src/index.ts'
import { eventually, grownFrom, held } from './held.ts'

const RUNS = 1000
/** Where each run starts a process, fewer of them show as well what is not given back. */
const FRESH_RUNS: Readonly<Record<TierId, number>> = { vm: RUNS, worker: RUNS, isolate: RUNS, process: 300 }
const PATIENCE_MS = 600_000

const guest = (name: string): string => readFileSync(new URL(`../fixtures/guests/${name}.js`, import.meta.url), 'utf8')

/** Mostly good guests, and every tenth one that ends badly. */
const BAD = [
  'throws-null',
  'rejects-unhandled',
  'floods-console',
  'never-settles',
  'returns-too-much',
  'throws-in-timer',
]
const sourceOf = (run: number): string =>
  run % 10 === 9 ? guest(BAD[Math.floor(run / 10) % BAD.length] ?? 'throws-null') : guest('echoes')

async function runMany(broker: Broker, tier: TierId, runs: number): Promise<void> {
  const limits = { wallMs: 2000, logBytes: 10_000 }
  let next = 0
  const one = async (): Promise<void> => {
    for (let run = next++; run < runs; run = next++) {
      const never = run % 10 === 9 && BAD[Math.floor(run / 10) % BAD.length] === 'never-settles'
      await broker.run(sourceOf(run), {
        trust: 'trusted',
        tier,
        input: run,
        limits: never ? { ...limits, wallMs: 20 } : limits,
      })
    }
  }
  await Promise.all(Array.from({ length: 4 }, one))
}

const pidsOf = (broker: Broker): unknown[] =>
  broker.stats().tiers.flatMap(({ carriers }) => carriers.map(({ pid, threadId }) => pid ?? threadId))

describe.each<TierId>(['vm', 'worker', 'isolate', 'process'])('the tier %s', (tier) => {
  const runs = FRESH_RUNS[tier]
  test(`gives back what ${runs} runs took: threads, children, descriptors, handles and memory`, {
    timeout: PATIENCE_MS,
  }, async () => {
    const empty = held()
    const broker = await createBroker()
    await runMany(broker, tier, 50)
    const before = held()
    await runMany(broker, tier, runs)
    const settled = await eventually(() => broker.stats().running === 0 && broker.stats().queued === 0, 5000)
    expect(settled).toBe(true)
    // A child or a thread may be on its way out.
    await eventually(() => grownFrom(before, held()).length === 0, 5000)
    expect(grownFrom(before, held())).toEqual([])
    await broker.close()
    await eventually(() => held().handles.length <= empty.handles.length, 5000)
    const after = held()
    expect(after.children).toEqual(empty.children)
    expect(after.descriptors).toBeLessThanOrEqual(empty.descriptors + 2)
    expect(after.handles.length).toBeLessThanOrEqual(empty.handles.length + 1)
  })

  test(`keeps one sandbox through ${RUNS} warm calls and holds no more after them`, {
    timeout: PATIENCE_MS,
  }, async () => {
    await using broker = await createBroker()
    await using program = await broker.load(guest('echoes'), { trust: 'trusted', tier, pool: { min: 1, max: 1 } })
    for (let call = 0; call < 100; call += 1) await program.call(call)
    const before = held()
    const carriers = pidsOf(broker)
    for (let call = 0; call < RUNS; call += 1) await program.call(call)
    expect(grownFrom(before, held())).toEqual([])
    expect(pidsOf(broker)).toEqual(expect.arrayContaining(carriers))
  })
})

test('the tier vm holds no thread for each short deadline among long ones', async () => {
  await using broker = await createBroker()
  const options = { trust: 'trusted', tier: 'vm' } as const
  await broker.run(guest('echoes'), { ...options, limits: { wallMs: 10_000 } })
  const before = held()
  for (let run = 0; run < 50; run += 1) {
    for (const wallMs of [20, 10_000]) await broker.run(guest('echoes'), { ...options, limits: { wallMs } })
    // Further apart than the short deadlines, so that none of them finds a timer that is due earlier.
    await new Promise((resolve) => setTimeout(resolve, 45))
  }
  expect(held().threads).toBeLessThanOrEqual(before.threads + 8)
})
