/** Fuzzes one part of ringfence for as long as it is told. See `docs/fuzzing.md`. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runCheck, type Target } from '../../test/fuzz/target.ts'
import { TARGETS } from '../../test/fuzz/targets.ts'

const USAGE = `Usage: npm run fuzz -- --target <name> [options]

Generates input for one part of ringfence until the time is over, and checks
what must hold whatever it is given. Ends with 1 at the first counterexample,
shrunk, and prints the line that replays it.

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
const numbered = target.checks.map((check, number) => ({ check, number }))
const checks = only === undefined ? numbered : numbered.filter(({ number }) => number === only)
if (checks.length === 0) refuse(`target "${target.name}" has no check ${only}`)

/** Goes round the checks, each round from the next seed, until the time is over or one fails. */
async function fuzz(): Promise<{ readonly runs: number; readonly failed: boolean }> {
  const end = performance.now() + 1000 * seconds
  let runs = 0
  for (let seed = firstSeed; performance.now() < end; seed += 1) {
    for (const { check, number } of checks) {
      const withinMs = end - performance.now()
      if (withinMs <= 0) break
      const round = await runCheck(check, { seed, withinMs, path: values.path })
      runs += round.runs
      process.stderr.write(`\r${target.name}: ${runs} executions, seed ${seed}, check ${number}`)
      if (round.failure === undefined) continue
      process.stderr.write('\n')
      const again = `--target ${target.name} --check ${number} --seed ${seed} --path ${round.failure.path}`
      process.stdout.write(`${check.title}\n${round.failure.report}\nreplay: npm run fuzz -- ${again}\n`)
      return { runs, failed: true }
    }
    if (values.path !== undefined) break
  }
  process.stderr.write('\n')
  return { runs, failed: false }
}

const since = performance.now()
const { runs, failed } = await fuzz()
await target.close?.()
const took = ((performance.now() - since) / 1000).toFixed(0)
process.stdout.write(`${target.name}: ${runs} executions in ${took} s from seed ${firstSeed}\n`)
process.exitCode = failed ? 1 : 0
