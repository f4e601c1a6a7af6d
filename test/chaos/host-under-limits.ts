/** A host with few resources: runs an honest program in each tier with children, many times, and tells each outcome. */
import { createBroker, type TierId } from '../../src/index.ts'

const TIERS: readonly TierId[] = ['isolate', 'process']

const broker = await createBroker()
const outcomes: unknown[] = []
for (const tier of TIERS) {
  const runs = Array.from({ length: 6 }, () =>
    broker.run('export default (x) => x * 2', { trust: 'trusted', tier, input: 21 }),
  )
  for (const { outcome } of await Promise.all(runs)) outcomes.push(outcome)
}
const { running, queued } = broker.stats()
await broker.close()
process.stdout.write(JSON.stringify({ outcomes, running, queued }))
