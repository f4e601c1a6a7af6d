/** Runs web-platform-tests through the public API in one tier, and prints how many pass. */
import { globSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createBroker, type TierId } from '../src/index.ts'
import { assembleTest, type FileReport } from './wpt/assemble-test.ts'
import { fetchTests } from './wpt/fetch-tests.ts'

const USAGE = `Usage: node scripts/wpt.ts [options] [folder...]

Runs the tests of web-platform-tests that need no page (*.any.js) in one tier.

Options:
  --tier <name>    vm, isolate, worker or process (default: isolate)
  --cache <path>   where the tests are kept (default: /tmp/ringfence-wpt); fetched
                   by apt-get source when they are not there
  --failures       prints each test that failed
  -h, --help       display help for command
`

/** What the web platform here is about; see docs/web-apis.md. */
const FOLDERS = [
  'WebCryptoAPI/derive_bits_keys',
  'WebCryptoAPI/digest',
  'WebCryptoAPI/encrypt_decrypt',
  'WebCryptoAPI/generateKey',
  'WebCryptoAPI/import_export',
  'WebCryptoAPI/sign_verify',
  'WebCryptoAPI/wrapKey_unwrapKey',
  'url',
  'encoding',
  'streams',
  'FileAPI/blob',
  'FileAPI/file',
  'dom/abort',
  'dom/events',
  'html/webappapis/atob',
  'html/webappapis/microtask-queuing',
  'html/webappapis/structured-clone',
  'html/webappapis/timers',
  'hr-time',
]
const LIMITS = { wallMs: 30_000, cpuMs: 30_000, memoryBytes: 256 * 2 ** 20, outputBytes: 16 * 2 ** 20 }
const PASSED = 0

interface Tally {
  passed: number
  total: number
  readonly broken: string[]
  readonly failed: string[]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tier: { type: 'string', default: 'isolate' },
    cache: { type: 'string', default: '/tmp/ringfence-wpt' },
    failures: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const cache = resolve(values.cache)
mkdirSync(cache, { recursive: true })
const root = fetchTests(cache)
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the broker says so when it is no tier
const tier = values.tier as TierId
await using broker = await createBroker()

const runFile = async (path: string, tally: Tally): Promise<void> => {
  const { outcome } = await broker.run(assembleTest(root, path), {
    trust: 'trusted',
    tier,
    kind: 'script',
    filename: path.replaceAll('/', '-'),
    limits: LIMITS,
  })
  if (outcome.kind !== 'returned') {
    tally.broken.push(`${path}: ${JSON.stringify(outcome).slice(0, 400)}`)
    return
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own callback made it
  const report = outcome.value as FileReport
  if (report.harness !== 'OK') tally.broken.push(`${path}: ${report.harness.slice(0, 400)}`)
  for (const { name, status, message } of report.tests) {
    tally.total += 1
    if (status === PASSED) tally.passed += 1
    else tally.failed.push(`${path}: ${name}: ${message?.slice(0, 300)}`)
  }
}

for (const folder of positionals.length > 0 ? positionals : FOLDERS) {
  const tally: Tally = { passed: 0, total: 0, broken: [], failed: [] }
  const files = globSync(`${folder}/**/*.any.js`, { cwd: root }).filter((path) => !path.includes('idlharness'))
  for (const path of files.toSorted()) await runFile(path, tally)
  const percent = tally.total === 0 ? 'none' : `${((100 * tally.passed) / tally.total).toFixed(1)} %`
  process.stdout.write(
    `${folder}: ${tally.passed} of ${tally.total} (${percent}), ${tally.broken.length} files broken\n`,
  )
  for (const line of tally.broken) process.stdout.write(`  broken ${line}\n`)
  if (values.failures) for (const line of tally.failed) process.stdout.write(`  failed ${line}\n`)
}
