import type { TierId } from '../../src/index.ts'
import { interleave, timeCalls } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { startRawCalls } from '../raw/by-tier.ts'
import { ECHO, expectAllReturned, expectEnding, INPUT, loadIn, TIERS } from '../routes.ts'
import { type Row, ratioAtMost, rowsOf } from '../row.ts'

const CALLS = 400
const ROUNDS: Readonly<Record<Pace, number>> = { full: 20, quick: 5 }
const RATIO_AT_MOST: Readonly<Record<TierId, number>> = { vm: 1.5, worker: 1.3, isolate: 1.3, process: 1.3 }

/** Calls of a loaded program, one after the other. */
export const warmCall: Measurement = {
  name: 'warm-call',
  summary: 'program.call, one after the other',
  tiers: TIERS,
  measure: measureWarmCall,
}

async function measureWarmCall(tier: TierId, pace: Pace): Promise<readonly Row[]> {
  await using owned = new AsyncDisposableStack()
  const raws = await startRawCalls(tier)
  for (const raw of raws) owned.use(raw)
  const { broker, program } = owned.use(await loadIn(tier, ECHO))
  expectEnding(await program.call(INPUT), 'returned')
  const takers = [() => program.call(INPUT), ...raws.map((raw) => () => raw.call(INPUT))]
  const [ours = [], ...theirs] = await interleave(
    takers.map((call) => () => timeCalls(CALLS, call)),
    ROUNDS[pace],
  )
  expectAllReturned(broker)
  return rowsOf({
    measurement: warmCall.name,
    title: 'warm call',
    tier,
    unit: 'ms',
    ours,
    raws: raws.map(({ mechanism }, at) => ({
      mechanism,
      rounds: theirs[at] ?? [],
      targets: at === 0 ? [ratioAtMost(RATIO_AT_MOST[tier])] : [],
    })),
  })
}
