/** Runs random schedules of dying parts and mangled messages, and says whether every call ended once. See `test/chaos`. */
import { parseArgs } from 'node:util'
import { endure } from '../test/chaos/real.ts'
import { type ScheduleReport, simulate } from '../test/chaos/simulated.ts'

const USAGE = `Usage: npm run chaos -- [options]

Runs random schedules. A simulated one mangles the messages between a carrier and
the broker's side of it; real ones kill and stop the children of a broker that
they share while it works, sixteen at a time. Each call has to end once, with a typed outcome, nothing may be
left running, and honest programs have to return afterwards.

Options:
  --schedules <n>  how many (default: 10000 simulated, or 100 real)
  --seed <n>       the first seed; each schedule has the next one (default: random)
  --tier <name>    simulated, mixed, vm, worker, isolate or process (default: mixed)
  -h, --help       display help for command
`

const fail = (message: string): never => {
  process.stderr.write(`chaos: ${message}\n`)
  process.exit(2)
}

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text)
  return Number.isSafeInteger(value) && value >= 0 ? value : fail(`--${name} must be a whole number, received ${text}`)
}

/** Runs schedules from a seed on, as many at once as are asked for. */
type Run = (seed: number, schedules: number) => Promise<ScheduleReport>
const RUNS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['simulated', simulate],
  ['mixed', endure],
  ...(['vm', 'worker', 'isolate', 'process'] as const).map((tier): [string, Run] => [
    tier,
    (seed, schedules) => endure(seed, schedules, tier),
  ]),
])
/** Real schedules that share a broker: starting its children is what costs most. */
const TOGETHER = 16

const { values } = parseArgs({
  options: {
    schedules: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    tier: { type: 'string', default: 'mixed' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const { tier } = values
const run = RUNS.get(tier) ?? fail(`--tier must be one of ${[...RUNS.keys()].join(', ')}, received ${tier}`)
const schedules = wholeNumber('schedules', values.schedules ?? (tier === 'simulated' ? '10000' : '100'))
const first = wholeNumber('seed', values.seed)
const since = performance.now()
const endings: Record<string, number> = {}
let calls = 0
let faulty = 0
const together = tier === 'simulated' ? 1 : TOGETHER
for (let done = 0; done < schedules; done += together) {
  const count = Math.min(together, schedules - done)
  const report = await run(first + done, count)
  calls += report.endings.length
  for (const ending of report.endings) endings[ending] = (endings[ending] ?? 0) + 1
  for (const fault of report.faults) process.stdout.write(`fault: ${fault}\n`)
  if (report.faults.length === 0) continue
  faulty += 1
  process.stdout.write(`replay: npm run chaos -- --tier ${tier} --schedules ${count} --seed ${first + done}\n`)
}
const seconds = ((performance.now() - since) / 1000).toFixed(0)
for (const ending of Object.keys(endings).toSorted()) process.stdout.write(`${ending}: ${endings[ending]}\n`)
process.stdout.write(
  `${schedules} schedules, ${calls} calls in ${seconds} s from the seed ${first} on: ${faulty} with faults\n`,
)
process.exitCode = faulty === 0 ? 0 : 1
