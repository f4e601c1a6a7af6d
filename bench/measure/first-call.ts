import type { TierId } from '../../src/index.ts'
import { interleave, timeCalls } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { rawFirstCall } from '../raw/by-tier.ts'
import { ECHO, expectEnding, INPUT, ROUTES, TIERS } from '../routes.ts'
import { type Row, rowsOf } from '../row.ts'
import { createBroker } from '../subject.ts'

interface Sample {
  readonly totalMs: number
  /** Opening the sandbox, its carrier included. */
  readonly startMs: number
}

/** From nothing to the first result, in a host that has loaded the library. */
export const firstCall: Measurement = {
  name: 'first-call',
  summary: 'createBroker and its first run; and the part of it that went into starting the carrier',
  tiers: TIERS,
  measure: measureFirstCall,
}

async function measureFirstCall(tier: TierId, pace: Pace): Promise<readonly Row[]> {
  const raw = rawFirstCall(tier)
  const takeRaw = async (): Promise<readonly Sample[]> => {
    const samples = await timeCalls(1, raw.run)
    return samples.map((ms) => ({ totalMs: ms, startMs: ms }))
  }
  const [ours = [], theirs = []] = await interleave([() => takeOurs(tier), takeRaw], pace === 'full' ? 8 : 2)
  const pick = (rounds: typeof ours, key: keyof Sample) => rounds.map((round) => round.map((sample) => sample[key]))
  const row = (title: string, key: keyof Sample) =>
    rowsOf({
      measurement: firstCall.name,
      title,
      tier,
      unit: 'ms',
      ours: pick(ours, key),
      raws: [{ mechanism: raw.mechanism, rounds: pick(theirs, key) }],
    })
  return [...row('first call', 'totalMs'), ...row('carrier start', 'startMs')]
}

async function takeOurs(tier: TierId): Promise<readonly Sample[]> {
  const since = performance.now()
  await using broker = await createBroker()
  const execution = await broker.run(ECHO, { ...ROUTES[tier], input: INPUT })
  const totalMs = performance.now() - since
  const { usage } = expectEnding(execution, 'returned')
  return [{ totalMs, startMs: usage.startMs }]
}
