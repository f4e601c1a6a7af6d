/** Runs test262 through the public API in each tier, beside a bare realm of this Node. See `docs/conformance.md`. */
import { appendFileSync, globSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Broker, createBroker, type TierId } from '../src/index.ts'
import { BareRealms } from './test262/bare.ts'
import { type Composed, compose } from './test262/compose.ts'
import { type Ending, faultOf } from './test262/judge.ts'
import { sample } from './test262/sample.ts'
import { Tallies } from './test262/tally.ts'

const USAGE = `Usage: npm run test262 -- --dir <checkout of test262> [options]

Runs each test in a bare node:vm realm first. What passes there has to pass in
the tiers, through createBroker().run().

Options:
  --dir <path>            a folder with "harness" and "test"
  --tier <names>          vm, worker, isolate, process (default: vm,isolate)
  --only <folders>        below "test" (default: language,built-ins)
  --limit <n>             as many tests, drawn by chance
  --seed <n>              how they are drawn (default: 1)
  --strict                run what may be either in strict mode
  --trust <level>         (default: trusted)
  --json                  print the counts as JSON
  --list-failures <file>  write each failure of a tier as a line of JSON
  -h, --help              display help for command
`
const TIERS = ['vm', 'worker', 'isolate', 'process'] as const satisfies readonly TierId[]
const LANES = 2
const LIMITS = { wallMs: 10_000, cpuMs: 10_000 }

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    tier: { type: 'string', default: 'vm,isolate' },
    only: { type: 'string', default: 'language,built-ins' },
    limit: { type: 'string' },
    seed: { type: 'string', default: '1' },
    strict: { type: 'boolean', default: false },
    trust: { type: 'string', default: 'trusted' },
    json: { type: 'boolean', default: false },
    'list-failures': { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const refuse = (why: string): never => {
  process.stderr.write(`test262: ${why}\n`)
  process.exit(2)
}
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const root = values.dir ?? refuse('--dir must name a checkout of test262')
const tiers = values.tier.split(',').map((name) => TIERS.find((tier) => tier === name) ?? refuse(`no tier "${name}"`))
const trust = values.trust === 'untrusted' ? 'untrusted' : 'trusted'
const failures = values['list-failures']
const patterns = values.only.split(',').map((folder) => (folder.endsWith('.js') ? folder : `${folder}/**/*.js`))
const files = globSync(patterns, { cwd: `${root}/test` }).filter((file) => !file.includes('_FIXTURE'))
if (files.length === 0) refuse(`no tests in ${patterns.join(', ')}`)
const chosen = sample(files.toSorted(), Number(values.limit ?? files.length), Number(values.seed))

/** Runs a test in a tier, and says how it ended in the words of the reference. */
async function runIn(broker: Broker, tier: TierId, { kind, filename, source, modules }: Composed): Promise<Ending> {
  const { outcome } = await broker.run(source, { trust, tier, kind, filename, modules, limits: LIMITS })
  if (outcome.kind === 'returned') return { ended: 'returned', name: '', message: '' }
  if (outcome.kind === 'threw') return { ended: 'threw', name: outcome.error.name, message: outcome.error.message }
  return { ended: 'other', name: outcome.kind, message: JSON.stringify(outcome) }
}

async function judge(file: string, broker: Broker, bare: BareRealms, tallies: Tallies): Promise<void> {
  const test = compose(root, file, values.strict)
  const fault = test.skip === undefined ? faultOf(test, await bare.run(test)) : undefined
  for (const tier of tiers) {
    const tally = tallies.of(file, tier)
    if (test.skip !== undefined) tally.skipped[test.skip] = (tally.skipped[test.skip] ?? 0) + 1
    else if (fault !== undefined) tally.bareFails += 1
    else {
      const problem = faultOf(test, await runIn(broker, tier, test))
      if (problem === undefined) tally.passed += 1
      else {
        tally.failed += 1
        if (failures !== undefined) appendFileSync(failures, `${JSON.stringify({ tier, file, problem })}\n`)
      }
    }
  }
}

const since = performance.now()
const tallies = new Tallies()
const queue = chosen.values()
if (failures !== undefined) writeFileSync(failures, '')
await using broker = await createBroker()
let done = 0
await Promise.all(
  Array.from({ length: LANES }, async () => {
    using bare = new BareRealms()
    for (const file of queue) {
      await judge(file, broker, bare, tallies)
      done += 1
      if (done % 100 === 0) process.stderr.write(`\r${done}/${chosen.length}`)
    }
  }),
)
const seconds = ((performance.now() - since) / 1000).toFixed(0)
process.stderr.write(`\r${done} tests in ${seconds} s\n`)
process.stdout.write(values.json ? `${JSON.stringify(tallies)}\n` : `${tallies.table(tiers)}\n`)
