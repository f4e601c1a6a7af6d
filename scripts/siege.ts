/** Sends thousands of hostile guests through one broker, and says whether it held. See `test/leaks/siege.ts`. */
import { parseArgs } from 'node:util'
import { siege } from '../test/leaks/siege.ts'

const USAGE = `Usage: npm run siege -- [options]

Sends hostile guests in random order through one broker, all tiers at once, with
honest ones between them, and checks that it serves on and holds no more
threads, processes, descriptors, handles and memory than before.

Options:
  --runs <n>   how many (default: 10000; that takes some ten minutes)
  --seed <n>   repeats the order of an earlier siege
  -h, --help   display help for command
`

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  process.stderr.write(`siege: --${name} must be a whole number, received ${text}\n`)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const runs = wholeNumber('runs', values.runs)
const seed = wholeNumber('seed', values.seed)
const since = performance.now()
const onProgress = (done: number): void => void process.stderr.write(`\r${done} of ${runs}`)
const { endings, faults } = await siege({ runs, seed, onProgress })
const seconds = ((performance.now() - since) / 1000).toFixed(0)
process.stderr.write('\n')
for (const ending of Object.keys(endings).toSorted()) process.stdout.write(`${ending}: ${endings[ending]}\n`)
for (const fault of faults) process.stdout.write(`fault: ${fault}\n`)
process.stdout.write(`${runs} runs in ${seconds} s with the seed ${seed}: ${faults.length} faults\n`)
process.exitCode = faults.length === 0 ? 0 : 1
