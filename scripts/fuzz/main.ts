/** Fuzzes one part of ringfence for as long as it is told. See `docs/fuzzing.md`. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Target } from '../../test/fuzz/target.ts'
import { TARGETS } from '../../test/fuzz/targets.ts'
import { fuzzApart } from './parent.ts'

const USAGE = `Usage: npm run fuzz -- --target <name> [options]

Generates input for one part of ringfence until the time is over, and checks
what must hold whatever it is given, in a process of its own. Ends with 1 at
the first counterexample, shrunk, or when the process hangs or dies, and prints
the line that replays it.

Options:
  --target <name>  ${TARGETS.map(({ name }) => name).join(', ')}
  --seconds <n>    for how long (default: 60)
  --seed <n>       where to start (default: by chance, and printed)
  --check <n>      one check alone, by its number
  --path <path>    the way to one counterexample, as a replay line gives it
  -h, --help       display help for command
`

const refuse = (why: string): never => {
  process.stderr.write(`fuzz: ${why}\n`)
  process.exit(2)
}

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text)
  return Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(`--${name} must be a whole number, received ${text}`)
}

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
    check: { type: 'string' },
    path: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const target: Target =
  TARGETS.find(({ name }) => name === values.target) ??
  refuse(`--target must be one of ${TARGETS.map(({ name }) => name).join(', ')}, received ${values.target ?? 'none'}`)
const seconds = wholeNumber('seconds', values.seconds)
const firstSeed = wholeNumber('seed', values.seed)
const only = values.check === undefined ? undefined : wholeNumber('check', values.check)
if (only !== undefined && target.checks[only] === undefined) refuse(`target "${target.name}" has no check ${only}`)

const errand = {
  targets: new URL('../../test/fuzz/targets.ts', import.meta.url).href,
  target: target.name,
  seed: firstSeed,
  check: only,
  path: values.path,
}
let shownAt = 0
const { executions, tookMs, ending, finding, exempted } = await fuzzApart(
  errand,
  { forMs: 1000 * seconds, patienceMs: 60_000 },
  (sofar, { seed, check }) => {
    if (performance.now() - shownAt < 200) return
    shownAt = performance.now()
    process.stderr.write(`\r${target.name}: ${sofar} executions, seed ${seed}, check ${check}`)
  },
)
process.stderr.write('\n')
if (finding !== undefined) {
  const { seed, check, path } = finding.at
  const again = `--target ${target.name} --check ${check} --seed ${seed} --path ${path}`
  process.stdout.write(`${finding.report}\nreplay: npm run fuzz -- ${again}\n`)
}
if (ending !== undefined) process.stdout.write(`${target.name}: ${ending}\n`)
for (const [why, count] of Object.entries(exempted)) process.stdout.write(`${target.name}: ${count} let off: ${why}\n`)
process.stdout.write(
  `${target.name}: ${executions} executions in ${(tookMs / 1000).toFixed(0)} s from seed ${firstSeed}\n`,
)
process.exitCode = finding === undefined && ending === undefined ? 0 : 1
