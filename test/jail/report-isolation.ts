/** Opens a broker with the jail or the runtime named, and prints what its tiers say of their isolation and what a guest gave back. */
import { createBroker } from '../../src/index.ts'
import { JAIL_CHOICES } from '../../src/jail/find-jail.ts'

const [, , choice] = process.argv
const jail = JAIL_CHOICES.find((one) => one === choice)
if (jail === undefined && choice !== 'gvisor') throw new Error(`there is no choice "${choice}"`)
await using broker = await createBroker(
  jail === undefined ? { process: { runtime: 'gvisor' } } : { process: { jail }, isolate: { jail } },
)
const reports = Object.fromEntries((await broker.isolation()).map(({ tier, ...report }) => [tier, report]))
const source = `export default (n: number) => n + 1 // ${'.'.repeat(300)}`
const values: unknown[] = []
for (const tier of ['isolate', 'process'] as const) {
  const { outcome } = await broker.run(source, { tier, trust: 'untrusted', input: 41 })
  values.push(outcome.kind === 'returned' ? outcome.value : outcome)
}
process.stdout.write(JSON.stringify({ reports, values }))
