/** A host that starts a guest in every tier that has processes, tells its children, and then dies as it is told. */
import { createBroker } from '../../src/index.ts'

const [, , death] = process.argv
const broker = await createBroker()
const stuck = 'export default () => ((1n << 400_000_000n) - 1n).toString().length'
const spins = 'export default () => { for (;;); }'
const limits = { wallMs: 30_000, cpuMs: 30_000 }
for (const tier of ['isolate', 'process'] as const) {
  void broker.run('export default () => 1', { trust: 'trusted', tier })
  void broker.run(spins, { trust: 'trusted', tier, limits })
  void broker.run(stuck, { trust: 'trusted', tier, limits })
}
setTimeout(() => {
  process.stdout.write('running\n')
  if (death === 'exit') process.exit(0)
  if (death === 'abort') process.abort()
  if (death === 'throw') throw new Error('the host has a fault')
}, 1500)
