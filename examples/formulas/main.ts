import { parseArgs } from 'node:util'
import { createBroker } from '../../src/index.ts'
import { type Author, FormulaBook, type Row } from './formula-book.ts'

/** Evaluates the formulas of four authors over a table and shows what each got, and how fast. */
const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '5000' } } })
const count = Number(flags.rows)
if (!Number.isInteger(count) || count < 1 || count > 1_000_000) {
  throw new RangeError(`--rows must be a whole number from 1 to 1000000, received ${flags.rows}`)
}

const rows: readonly Row[] = Array.from({ length: count }, (_none, at) => ({
  price: 1 + (at % 97),
  quantity: 1 + (at % 7),
  country: at % 3 === 0 ? 'DE' : 'FR',
}))

const authors: readonly Author[] = [
  {
    name: 'finance',
    trust: 'trusted',
    formulas: { total: 'price * quantity', gross: 'price * quantity * (country === "DE" ? 1.19 : 1.2)' },
  },
  { name: 'sales', trust: 'limited', formulas: { rebate: 'quantity > 5 ? price * 0.1 : 0', broken: 'missing + 1' } },
  {
    name: 'a customer',
    trust: 'untrusted',
    // Many small ones, as a sheet has them.
    formulas: Object.fromEntries(
      Array.from({ length: 50 }, (_none, n) => [`f${n}`, `Math.round(price * ${n} / quantity)`]),
    ),
  },
  { name: 'an attacker', trust: 'hostile', formulas: { spin: '(() => { for (;;); })()' } },
]

await using broker = await createBroker()
await using book = await FormulaBook.open(broker, authors, ['price', 'quantity', 'country'])
const since = performance.now()
const evaluated = await book.evaluate(rows)
const seconds = (performance.now() - since) / 1000

let evaluations = 0
for (const [author, result] of evaluated) {
  if (result.kind === 'ended') {
    const { outcome } = result
    process.stdout.write(`${author}: ${outcome.kind}${outcome.kind === 'exceeded' ? ` ${outcome.limit}` : ''}\n`)
    continue
  }
  const columns = Object.entries(result.columns)
  evaluations += columns.length * count
  const shown = columns.slice(0, 2).map(([name, list]) => `${name} = ${list.slice(0, 3).join(', ')}, …`)
  process.stdout.write(`${author}: ${columns.length} formulas, ${shown.join('; ')}\n`)
}
process.stdout.write(`${evaluations} evaluations in ${seconds.toFixed(2)} s\n`)
