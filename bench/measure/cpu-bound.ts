import { readFileSync } from 'node:fs'
import type { TierId } from '../../src/index.ts'
import { interleave, timeCalls } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { run as allocation } from '../programs/allocation.ts'
import { run as json } from '../programs/json.ts'
import { run as nBody } from '../programs/n-body.ts'
import { expectEnding, loadIn, TIERS } from '../routes.ts'
import { type Row, ratioAtMost, rowsOf, type Target } from '../row.ts'

const ROUNDS: Readonly<Record<Pace, number>> = { full: 10, quick: 2 }
const CALLS = 2
/** Until V8 has compiled the code for good. */
const WARM_UP_CALLS = 5

const TARGETS: Partial<Readonly<Record<TierId, readonly Target[]>>> = {
  vm: [ratioAtMost(1.05)],
  worker: [ratioAtMost(1.05)],
}

/** The same text, run by plain Node and given to ringfence. `size` makes a call take some tens of milliseconds. */
const JOBS = [
  { name: 'n-body', run: nBody, size: 150_000 },
  { name: 'json', run: json, size: 250 },
  { name: 'allocation', run: allocation, size: 2500 },
] as const

/** Code that computes, against the same code in this thread with no sandbox around it. */
export const cpuBound: Measurement = {
  name: 'cpu-bound',
  summary: 'n-body, JSON and allocation in a loaded program, against the same functions in plain Node',
  tiers: TIERS,
  measure: async (tier, pace) => {
    const rows: Row[] = []
    for (const job of JOBS) rows.push(...(await measureJob(job, tier, pace)))
    return rows
  },
}

async function measureJob(
  { name, run, size }: (typeof JOBS)[number],
  tier: TierId,
  pace: Pace,
): Promise<readonly Row[]> {
  const source = readFileSync(new URL(`../programs/${name}.ts`, import.meta.url), 'utf8')
  await using loaded = await loadIn(tier, source)
  const call = async (): Promise<void> => {
    expectEnding(await loaded.program.call(size, { export: 'run' }), 'returned')
  }
  await timeCalls(WARM_UP_CALLS, call)
  await timeCalls(WARM_UP_CALLS, () => run(size))
  const [ours = [], theirs = []] = await interleave(
    [() => timeCalls(CALLS, call), () => timeCalls(CALLS, () => run(size))],
    ROUNDS[pace],
  )
  const raws = [{ mechanism: 'plain Node', rounds: theirs, targets: TARGETS[tier] ?? [] }]
  return rowsOf({ measurement: cpuBound.name, title: `CPU: ${name}`, tier, unit: 'ms', ours, raws })
}
