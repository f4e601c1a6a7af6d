import process from 'node:process'
import { createBroker } from '../../src/index.ts'
import { endOf } from './expect-end.ts'

/**
 * A host of one tier that runs the bodies it is told, and says after each how it ended. In a process of its own, which may be
 * aborted or held up for ever.
 */
const [tier, ...bodies] = process.argv.slice(2)
if (tier !== 'vm' && tier !== 'worker') throw new TypeError(`Cannot host the tier "${tier}"`)
const here = { trust: 'trusted', tier } as const
const limits = { wallMs: 150, memoryBytes: 64 * 2 ** 20 }
const broker = await createBroker()
await broker.run('1', here)
process.stdout.write('ready\n')
for (const body of bodies) {
  const { outcome } = await broker.run(`export default () => { ${body} }`, { ...here, limits })
  process.stdout.write(`${endOf(outcome)}\n`)
}
