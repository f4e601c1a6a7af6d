/**
 * A host that has too little of something: runs an honest program in each tier with children, gets what it lacked, and runs
 * them again, until they return or patience runs out. It lacks all descriptors but so many, or else what its parent tells
 * with a line that it has now.
 */
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createBroker, type Execution, type TierId } from '../../src/index.ts'

const TIERS: readonly TierId[] = ['isolate', 'process']
const PATIENCE_MS = 20_000
const LONG = `export default (x) => x * 2 // ${'-'.repeat(300)}`

const held: number[] = []
function holdAll(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch {
    // EMFILE, as was wanted.
  }
}

const broker = await createBroker()
const run = (tier: TierId): Promise<Execution> => broker.run(LONG, { trust: 'untrusted', tier, input: 21 })
const runAll = async (): Promise<readonly Execution[]> => Promise.all(TIERS.map(run))
const tell = (executions: readonly Execution[]): void => {
  const { running, queued } = broker.stats()
  const told = executions.map(({ outcome, isolation }) => ({ outcome, isolation }))
  process.stdout.write(`${JSON.stringify({ told, left: running + queued })}\n`)
}

const [, , left] = process.argv
if (left !== undefined) {
  holdAll()
  for (const descriptor of held.splice(0, Number(left))) closeSync(descriptor)
}
tell(await runAll())
for (const descriptor of held) closeSync(descriptor)
if (left === undefined) await once(process.stdin, 'data')
process.stdin.destroy()
const until = performance.now() + PATIENCE_MS
let last = await runAll()
while (last.some(({ outcome }) => outcome.kind !== 'returned') && performance.now() < until) {
  await delay(100)
  last = await runAll()
}
// What was seen of the wall while there was no room is believed for some seconds.
while (last.some(({ isolation }) => !/good|strong/.test(isolation?.level ?? '')) && performance.now() < until) {
  await delay(500)
  last = await runAll()
}
tell(last)
await broker.close()
