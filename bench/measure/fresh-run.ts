import { setTimeout as pause } from 'node:timers/promises'
import type { Broker, TierId } from '../../src/index.ts'
import { interleave, timeCalls } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { rawFreshRun } from '../raw/by-tier.ts'
import { ECHO, expectEnding, INPUT, ROUTES, TIERS } from '../routes.ts'
import { type Row, ratioAtMost, rowsOf, type Target } from '../row.ts'
import { createBroker } from '../subject.ts'

/** How long a spare takes to stand ready again, with room for a busy machine. */
const REFILL_MS: Readonly<Record<TierId, number>> = { vm: 1, worker: 50, isolate: 20, process: 300 }

const RUNS: Readonly<Record<TierId, number>> = { vm: 50, worker: 10, isolate: 25, process: 2 }
const PAUSED_RUNS: Readonly<Record<TierId, number>> = { vm: 20, worker: 4, isolate: 10, process: 2 }
const ROUNDS: Readonly<Record<Pace, number>> = { full: 8, quick: 2 }

const BACK_TO_BACK: Partial<Readonly<Record<TierId, readonly Target[]>>> = { isolate: [ratioAtMost(1.3)] }
const SPARE_READY: Partial<Readonly<Record<TierId, readonly Target[]>>> = {
  isolate: [{ of: 'median', bound: 'atMost', value: 0.5 }],
}

/** A run in a fresh sandbox, of a program whose text is prepared already. */
export const freshRun: Measurement = {
  name: 'fresh-run',
  summary: 'broker.run of a prepared program: one after the other, and with a pause in which the spare is refilled',
  tiers: TIERS,
  measure: async (tier, pace) => {
    await using broker = await createBroker()
    await runOnce(broker, tier)
    await pause(REFILL_MS[tier])
    return [...(await measureBackToBack(broker, tier, pace)), ...(await measureSpareReady(broker, tier, pace))]
  },
}

async function runOnce(broker: Broker, tier: TierId): Promise<void> {
  expectEnding(await broker.run(ECHO, { ...ROUTES[tier], input: INPUT }), 'returned')
}

async function measureBackToBack(broker: Broker, tier: TierId, pace: Pace): Promise<readonly Row[]> {
  const raw = rawFreshRun(tier)
  const ours = () => timeCalls(RUNS[tier], () => runOnce(broker, tier))
  const theirs = () => timeCalls(RUNS[tier], raw.run)
  return contest('fresh run', tier, await interleave([ours, theirs], ROUNDS[pace]), BACK_TO_BACK[tier] ?? [], [])
}

async function measureSpareReady(broker: Broker, tier: TierId, pace: Pace): Promise<readonly Row[]> {
  const raw = rawFreshRun(tier)
  const oneByOne = async (call: () => unknown): Promise<readonly number[]> => {
    const samples: number[] = []
    for (let n = 0; n < PAUSED_RUNS[tier]; n += 1) {
      await pause(REFILL_MS[tier])
      samples.push(...(await timeCalls(1, call)))
    }
    return samples
  }
  const rounds = await interleave([() => oneByOne(() => runOnce(broker, tier)), () => oneByOne(raw.run)], ROUNDS[pace])
  return contest('fresh run, spare ready', tier, rounds, [], SPARE_READY[tier] ?? [])
}

function contest(
  title: string,
  tier: TierId,
  [ours = [], theirs = []]: readonly (readonly (readonly number[])[])[],
  relative: readonly Target[],
  targets: readonly Target[],
): readonly Row[] {
  const raws = [{ mechanism: rawFreshRun(tier).mechanism, rounds: theirs, targets: relative }]
  return rowsOf({ measurement: freshRun.name, title, tier, unit: 'ms', ours, targets, raws })
}
