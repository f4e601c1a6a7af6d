/** A host that runs with `--enable-source-maps`. Says which names of files a guest, and a realm without a kernel, gave source maps. */
import { findSourceMap } from 'node:module'
import vm from 'node:vm'
import { createBroker, type TierId } from '../../src/index.ts'

const MAP = Buffer.from('{"version":3,"sources":["a"],"mappings":"AAAA"}').toString('base64')
const textFor = (file: string): string =>
  `1\n//# sourceURL=file:///${file}.js\n//# sourceMappingURL=data:application/json;base64,${MAP}`
const isMapped = (file: string): boolean => findSourceMap(`file:///${file}.js`) !== undefined

const bare = vm.createContext(vm.constants.DONT_CONTEXTIFY)
vm.runInContext(`eval(${JSON.stringify(textFor('bare'))})`, bare)
const broker = await createBroker()
const tiers: readonly TierId[] = ['vm', 'worker']
const guest = `export default ({ eval: one, Function: two }) => [eval(one), Function(two)(), Function("a" + two, "")()].length`
const outcomes: unknown[] = []
for (const tier of tiers) {
  const input = { eval: textFor(`${tier}-eval`), Function: textFor(`${tier}-function`) }
  const { outcome } = await broker.run(guest, { tier, trust: 'trusted', input })
  outcomes.push(outcome.kind === 'returned' ? outcome.value : outcome)
}
await broker.close()
const files = ['bare', ...tiers.flatMap((tier) => [`${tier}-eval`, `${tier}-function`])]
console.log(JSON.stringify({ outcomes, mapped: files.filter(isMapped) }))
