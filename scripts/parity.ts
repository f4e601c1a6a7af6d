/** Runs the parity suite's programs in the tiers and says where one does something else than expected. See `docs/parity.md`. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { openScene, VARIANTS, type Variant } from '../test/contract/scene.ts'
import { DEVIATIONS } from '../test/parity/deviations.ts'
import { type Difference, differencesFresh } from '../test/parity/differences.ts'
import { readPrograms } from '../test/parity/read-programs.ts'

const USAGE = `Usage: npm run parity -- [options]

Runs small programs, each in a fresh sandbox, and compares what is seen of them
with what is expected in every tier. Exits with 1 when something differs.

Options:
  --tier <names>  vm, worker, isolate, isolate-inline, process (default: all)
  --only <text>   programs whose topic or title has this in it
  --json          print the counts and the differences as JSON
  -h, --help      display help for command
`

interface Row {
  readonly tier: Variant
  readonly programs: number
  /** Those that do in this tier what is known to differ from the others. */
  readonly deviating: number
  readonly differences: readonly Difference[]
}

const { values } = parseArgs({
  options: {
    tier: { type: 'string', default: VARIANTS.join(',') },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const refuse = (why: string): never => {
  process.stderr.write(`parity: ${why}\n`)
  process.exit(2)
}

async function runIn(tier: Variant, programs: ReturnType<typeof readPrograms>): Promise<Row> {
  await using scene = await openScene(tier)
  const differences = await differencesFresh(scene, tier, programs)
  const deviating = programs.filter(({ topic, title }) =>
    DEVIATIONS.some((one) => one.topic === topic && one.title === title && one.variants.includes(tier)),
  ).length
  return { tier, programs: programs.length, deviating, differences }
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ tier, programs, deviating, differences }) => `| ${tier} | ${programs} | ${deviating} | ${differences.length} |`,
  )
  return ['| tier | programs | known deviations | unexpected |', '| --- | ---: | ---: | ---: |', ...lines].join('\n')
}

function detailsOf({ tier, differences }: Row): string {
  return differences
    .map(({ program, expected, seen }) => `\n\n${tier}, ${program}\n  expected ${expected}\n  seen     ${seen}`)
    .join('')
}

if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const tiers = values.tier.split(',').map((name) => VARIANTS.find((one) => one === name) ?? refuse(`no tier "${name}"`))
const only = values.only.toLowerCase()
const chosen = readPrograms().filter(({ topic, title }) => `${topic}: ${title}`.toLowerCase().includes(only))
if (chosen.length === 0) refuse(`no program has "${values.only}" in its topic or title`)

const rows: Row[] = []
for (const tier of tiers) rows.push(await runIn(tier, chosen))
const text = values.json ? JSON.stringify(rows) : tableOf(rows) + rows.map(detailsOf).join('')
process.stdout.write(`${text}\n`)
if (rows.some(({ differences }) => differences.length > 0)) process.exitCode = 1
