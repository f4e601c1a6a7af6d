/** Packs the package, unpacks it as an installation would, and runs one program through every tier of it. */
import { deepEqual, match, partialDeepStrictEqual } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import packageJson from '../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TIERS = ['vm', 'worker', 'isolate', 'process']
const PROGRAM = `import { sum } from 'stats'
export default ({ xs }: { xs: number[] }) => { console.log('n =', xs.length); return sum(xs) / xs.length }
`
const STATS = 'export const sum = (xs) => xs.reduce((a, b) => a + b, 0)\n'
const EMBEDDER = `import { createBroker } from 'ringfence'
const [source, stats, tier] = process.argv.slice(2)
await using broker = await createBroker()
const options = { trust: 'trusted', tier, input: { xs: [1, 2, 3] }, modules: { stats } }
const { outcome, tier: used, logs } = await broker.run(source, options)
console.log(JSON.stringify({ outcome, tier: used, logs: logs.map(({ text }) => text) }))
`

/** Installs the packed package with the dependencies it names, and only those, without a registry. */
function install(folder: string): void {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('Cannot install the package: npm pack left no tarball')
  execFileSync('tar', ['-xzf', tarball], { cwd: folder })
  mkdirSync(join(folder, 'node_modules'))
  cpSync(join(folder, 'package'), join(folder, 'node_modules/ringfence'), { recursive: true })
  for (const name of Object.keys(packageJson.dependencies)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
}

function runNode(folder: string, args: readonly string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 }))
}

function tryTier(folder: string, tier: string): void {
  const outcome = { kind: 'returned', value: 2 }
  const embedded = runNode(folder, ['embedder.mjs', PROGRAM, STATS, tier])
  deepEqual(embedded, { outcome, tier, logs: ['n = 3'] })
  const options = ['--trust', 'trusted', '--tier', tier, '--input', '{"xs":[1,2,3]}', '--module', 'stats=stats.js']
  const receipt: unknown = runNode(folder, [
    'node_modules/ringfence/dist/cli/main.js',
    'run',
    'program.ts',
    ...options,
    '--json',
  ])
  partialDeepStrictEqual(receipt, { tier, outcome })
}

const [wantedMajor] = process.argv.slice(2)
if (wantedMajor !== undefined) match(process.version, new RegExp(`^v${wantedMajor}\\.`))
const folder = mkdtempSync(join(tmpdir(), 'ringfence-smoke-'))
try {
  install(folder)
  writeFileSync(join(folder, 'program.ts'), PROGRAM)
  writeFileSync(join(folder, 'stats.js'), STATS)
  writeFileSync(join(folder, 'embedder.mjs'), EMBEDDER)
  for (const tier of TIERS) {
    tryTier(folder, tier)
    console.log(`${tier}: the packed package runs under Node ${process.version}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
