/** A host that has no memory for another process: tells how programs end that need a compiler, and then, with room, return. */
import { unlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createBroker, type Outcome } from '../../src/index.ts'

const ROUNDS = 12
const PATIENCE_MS = 20_000
const textOf = (round: number): string => `export default (x) => x * 2 // ${round} ${'-'.repeat(300)}`

const broker = await createBroker({ isolate: { placement: 'inline' } })
const run = async (round: number): Promise<Outcome> =>
  (await broker.run(textOf(round), { tier: 'isolate', input: 21 })).outcome

const without: Outcome[] = []
for (let round = 0; round < ROUNDS; round += 1) without.push(await run(round))
unlinkSync(process.env['NO_MEMORY'] ?? '')
const until = performance.now() + PATIENCE_MS
let last = await run(ROUNDS)
while (last.kind !== 'returned' && performance.now() < until) {
  await delay(100)
  last = await run(ROUNDS)
}
await broker.close()
process.stdout.write(JSON.stringify({ without, last }))
