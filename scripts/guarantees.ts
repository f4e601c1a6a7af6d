/** Prints the table of guarantees, puts it into a file, or checks that a file has it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { guaranteeTable, withTable } from '../test/contract/table.ts'

const USAGE = `Usage: npm run guarantees -- [--write FILE | --check FILE]

Prints the table of guarantees per tier. --write puts it between the markers of
FILE; --check exits with 1 when FILE has another one.
`

const { values } = parseArgs({
  options: { write: { type: 'string' }, check: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})

if (values.help === true) {
  process.stdout.write(USAGE)
} else if (values.write !== undefined) {
  writeFileSync(values.write, withTable(readFileSync(values.write, 'utf8')))
} else if (values.check !== undefined) {
  const text = readFileSync(values.check, 'utf8')
  if (withTable(text) !== text) {
    process.stderr.write(`${values.check} has another table: npm run guarantees -- --write ${values.check}\n`)
    process.exitCode = 1
  }
} else {
  process.stdout.write(guaranteeTable())
}
