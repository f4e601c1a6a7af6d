import { interleave, timeCalls } from '../interleave.ts'
import type { Measurement } from '../measurement.ts'
import { ECHO } from '../routes.ts'
import { rowsOf } from '../row.ts'
import { createBroker } from '../subject.ts'

const DECISIONS = 2000

/** What policy costs, for a program that was seen before. */
export const decision: Measurement = {
  name: 'decision',
  summary: 'broker.explain of a program that is prepared already',
  tiers: 'none',
  measure: async (_tier, pace) => {
    await using broker = await createBroker()
    const explain = () => broker.explain(ECHO, { trust: 'untrusted', input: 1 })
    const [ours = []] = await interleave([() => timeCalls(DECISIONS, explain)], pace === 'full' ? 20 : 5)
    return rowsOf({
      measurement: decision.name,
      title: 'decision for a known program',
      unit: 'ms',
      ours,
      targets: [{ of: 'median', bound: 'atMost', value: 0.02 }],
      raws: [],
    })
  },
}
