/** Opens a broker with the options given for the process tier, starts a guest that spins, prints its carriers, and waits. */
import { setTimeout as delay } from 'node:timers/promises'
import { createBroker } from '../../src/index.ts'

const LOOK_EVERY_MS = 20
const LOOKS = 1000

const broker = await createBroker({ process: JSON.parse(process.argv[2] ?? '{}') })
const limits = { wallMs: 30_000, cpuMs: 30_000 }
const running = broker.start('export default () => { for (;;); }', { trust: 'trusted', tier: 'process', limits })
const carriers = () => broker.stats().tiers.flatMap(({ tier, carriers: all }) => (tier === 'process' ? all : []))
const isOpen = (): boolean => carriers().some(({ sandboxes }) => sandboxes > 0)
for (let look = 0; look < LOOKS && !isOpen(); look += 1) {
  await delay(LOOK_EVERY_MS)
}
process.stdout.write(`${Array.from(carriers(), ({ pid }) => pid).join(' ')}\n`)
await running.result
