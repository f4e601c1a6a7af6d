import type { LoadOptions, TierId } from '../../src/index.ts'
import { callsPerSecond, interleave } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { startRawPipelines } from '../raw/by-tier.ts'
import { ECHO, expectAllReturned, expectEnding, INPUT, loadIn, TIERS } from '../routes.ts'
import { type Row, ratioAtLeast, rowsOf, type Target } from '../row.ts'

const IN_FLIGHT = 64
const ROUND_MS: Readonly<Record<Pace, number>> = { full: 300, quick: 150 }
const ROUNDS: Readonly<Record<Pace, number>> = { full: 6, quick: 2 }
const OWN: Partial<Readonly<Record<TierId, readonly Target[]>>> = {
  worker: [{ of: 'median', bound: 'atLeast', value: 100_000 }],
}

/** Calls of a loaded program, many under way at once. */
export const throughput: Measurement = {
  name: 'throughput',
  summary: `program.call with ${IN_FLIGHT} under way, in a pool of the default size`,
  tiers: TIERS,
  measure: (tier, pace) => measureThroughput(tier, pace, 'throughput', {}),
}

/** The same with as many sandboxes as the broker lets run at once, where a sandbox is cheap enough. */
export const wideThroughput: Measurement = {
  name: 'throughput-wide',
  summary: `program.call with ${IN_FLIGHT} under way, in a pool of 16 sandboxes`,
  tiers: ['vm', 'isolate'],
  measure: (tier, pace) => measureThroughput(tier, pace, 'throughput, 16 sandboxes', { pool: { min: 16, max: 16 } }),
}

async function measureThroughput(
  tier: TierId,
  pace: Pace,
  title: string,
  options: LoadOptions,
): Promise<readonly Row[]> {
  await using owned = new AsyncDisposableStack()
  const raws = await startRawPipelines(tier)
  for (const raw of raws) owned.use(raw)
  const { broker, program } = owned.use(await loadIn(tier, ECHO, options))
  expectEnding(await program.call(INPUT), 'returned')
  const takers = [() => program.call(INPUT), ...raws.map((raw) => () => raw.call(INPUT))]
  const [ours = [], ...theirs] = await interleave(
    takers.map((call) => async () => [await callsPerSecond(IN_FLIGHT, ROUND_MS[pace], call)]),
    ROUNDS[pace],
  )
  expectAllReturned(broker)
  return rowsOf({
    measurement: options.pool === undefined ? throughput.name : wideThroughput.name,
    title,
    tier,
    unit: 'perSecond',
    ours,
    targets: OWN[tier] ?? [],
    raws: raws.map(({ mechanism }, at) => ({
      mechanism,
      rounds: theirs[at] ?? [],
      targets: at === 0 ? [ratioAtLeast(0.6)] : [],
    })),
  })
}
