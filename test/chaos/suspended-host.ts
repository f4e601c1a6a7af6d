/**
 * A host that is to be stopped and woken: tells its children while calls of every tier are under way, and after it was
 * woken how each of them ended, and what came of new ones.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createBroker, type Outcome, type TierId } from '../../src/index.ts'

const TIERS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']
const [, , stallMs = '0', wallMs = '0'] = process.argv
const broker = await createBroker(stallMs === '0' ? {} : { deadMan: { stallMs: Number(stallMs) } })
const limits = { wallMs: Number(wallMs), cpuMs: 30_000 }

const woken = new Promise<void>((resolve) => void process.once('SIGCONT', () => resolve()))
/** Guests that wait for themselves, for their host, and not at all; the last would keep this thread in the vm tier. */
const guestsOf = (tier: TierId): readonly string[] => [
  'export default () => new Promise(() => {})',
  "import { never } from 'host'; export default () => never()",
  ...(tier === 'vm' ? [] : ['export default () => { for (;;); }']),
]

const outcomes = { threads: [] as Outcome[], children: [] as Outcome[] }
const calls = TIERS.flatMap((tier) =>
  guestsOf(tier).map(async (source) => {
    const functions = { never: () => new Promise(() => {}) }
    const { outcome } = await broker.run(source, { trust: 'trusted', tier, limits, functions })
    outcomes[tier === 'isolate' || tier === 'process' ? 'children' : 'threads'].push(outcome)
  }),
)
const ended = (): number => outcomes.threads.length + outcomes.children.length
const inChildren = 2 * guestsOf('process').length
const warm = await broker.load('export default (x) => x * 2', {
  trust: 'trusted',
  tier: 'process',
  pool: { min: 0, max: 1 },
})
await warm.call(1)
// A call that has ended already is under way no more, and waiting for it would take for ever.
while (broker.stats().running + ended() < calls.length) await delay(5)
const carriers = broker.stats().tiers.flatMap((tier) => tier.carriers.flatMap(({ pid }) => pid ?? []))
process.stdout.write(`${JSON.stringify(carriers.filter((pid) => pid !== process.pid))}\n`)

await woken
while (outcomes.children.length < inChildren) await delay(5)
await broker.kill({ all: true }, 'woken')
await Promise.all(calls)
const after: Outcome[] = [(await warm.call(21)).outcome]
for (const tier of TIERS) {
  after.push((await broker.run('export default (x) => x * 2', { trust: 'trusted', tier, input: 21 })).outcome)
}
const { running, queued } = broker.stats()
await broker.close()
process.stdout.write(`${JSON.stringify({ ...outcomes, after, left: running + queued })}\n`)
