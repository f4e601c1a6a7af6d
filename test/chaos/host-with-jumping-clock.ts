/** A host whose wall clock jumps while it works: tells how its calls ended, and how long all of it took by another clock. */
import { setTimeout as delay } from 'node:timers/promises'
import { createBroker, type Execution, type TierId } from '../../src/index.ts'

const TIERS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']
/** A command before that of the process tier's children, for what is to be preloaded there. */
const commandPrefix = process.argv.slice(2)
const GUESTS = {
  honest: 'export default () => 42',
  endless: 'export default () => new Promise(() => {})',
  waits: 'export default async () => { await new Promise((resolve) => setTimeout(resolve, 200)); return 42 }',
  looks: `export default async () => {
    const seen = []
    for (let i = 0; i < 30; i += 1) { seen.push(Date.now()); await new Promise((resolve) => setTimeout(resolve, 5)) }
    return seen.every((time, i) => i === 0 || time >= seen[i - 1])
  }`,
}
const LIMITS = { wallMs: 600, cpuMs: 600 }
/** For those that wait: a jump back costs them a moment. */
const PATIENT = { wallMs: 10_000, cpuMs: 10_000 }

let last = Date.now()
let jumps = 0
const looking = setInterval(() => {
  const now = Date.now()
  if (Math.abs(now - last) > 3_600_000) jumps += 1
  last = now
}, 5)

const broker = await createBroker({
  ...(commandPrefix.length === 0 ? {} : { process: { commandPrefix } }),
  quarantine: { failures: 3, windowMs: 60_000, scope: 'tenant' },
})
const run = async (tier: TierId, source: string, tenant: string): Promise<Execution & { readonly tookMs: number }> => {
  const since = performance.now()
  const execution = await broker.run(source, {
    trust: 'trusted',
    tier,
    tenant,
    limits: source === GUESTS.endless ? LIMITS : PATIENT,
  })
  return { ...execution, tookMs: performance.now() - since }
}
const calls = []
for (const tier of TIERS) {
  for (const [guest, source] of Object.entries(GUESTS)) {
    const { outcome, usage, tookMs } = await run(tier, source, tier)
    calls.push({ tier, guest, outcome, usage, tookMs })
  }
}
for (let nth = 0; nth < 3; nth += 1) await run('worker', GUESTS.endless, 'bad')
const quarantined = (await run('worker', GUESTS.honest, 'bad')).outcome

const pool = { min: 0, max: 1, idleMs: 1000 }
await using program = await broker.load(GUESTS.honest, { trust: 'trusted', tier: 'vm', tenant: 'warm', pool })
const idle = (): number => broker.stats().pools.reduce((sum, one) => sum + one.idle, 0)
await program.call()
const since = performance.now()
await delay(200)
const keptIdle = idle()
while (idle() > 0) await delay(10)
const idleMs = performance.now() - since
clearInterval(looking)
await broker.close()
process.stdout.write(JSON.stringify({ jumps, calls, quarantined, keptIdle, idleMs }))
