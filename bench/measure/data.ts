import type { TierId } from '../../src/index.ts'
import { interleave, timeCalls } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { startRawJson } from '../raw/by-tier.ts'
import { ECHO, expectAllReturned, expectEnding, loadIn, TIERS } from '../routes.ts'
import { type Row, rowsOf } from '../row.ts'

const CALLS = 20
const ROUNDS: Readonly<Record<Pace, number>> = { full: 10, quick: 3 }

/** Small nested records, 100 KB of them when written as JSON. */
const RECORDS = Array.from({ length: 900 }, (_none, id) => ({
  id,
  sku: `A-${1000 + id}`,
  price: { net: id * 1.25, currency: 'EUR' },
  tags: ['new', 'sale'],
  inStock: id % 3 === 0,
}))

/** Much data in and the same out again. */
export const data: Measurement = {
  name: 'data',
  summary: '100 KB of JSON-like records into a loaded program and out again',
  tiers: TIERS,
  measure: measureData,
}

async function measureData(tier: TierId, pace: Pace): Promise<readonly Row[]> {
  await using owned = new AsyncDisposableStack()
  const raw = owned.use(await startRawJson(tier))
  const { broker, program } = owned.use(await loadIn(tier, ECHO))
  expectEnding(await program.call(RECORDS), 'returned')
  const callRaw = async (): Promise<unknown> => JSON.parse(await raw.call(JSON.stringify(RECORDS)))
  const [ours = [], theirs = []] = await interleave(
    [() => timeCalls(CALLS, () => program.call(RECORDS)), () => timeCalls(CALLS, callRaw)],
    ROUNDS[pace],
  )
  expectAllReturned(broker)
  return rowsOf({
    measurement: data.name,
    title: '100 KB in and out',
    tier,
    unit: 'ms',
    ours,
    raws: [{ mechanism: `${raw.mechanism}, JSON`.replace(', JSON, JSON', ', JSON'), rounds: theirs }],
  })
}
