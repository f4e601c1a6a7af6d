import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createBroker, type TierId } from '../../src/index.ts'
import { eventually } from '../leaks/held.ts'

/** Says under which of V8's flags code is compiled, by their hash, which is the fourth word of what V8 keeps of a script. */
const TELL_FLAGS = `
  import { Script } from 'node:vm'
  if (process.argv[1] !== undefined) (await import(process.argv[1])).keepWasmCode()
  const cache = new Script('1', { produceCachedData: true }).createCachedData()
  process.stdout.write(String(cache.readUInt32LE(12)))`

const PERMISSION = new URL('../../src/tiers/permission.ts', import.meta.url).href

const flagsOf = (flags: readonly string[], ...args: readonly string[]): string =>
  execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', TELL_FLAGS, ...args], { encoding: 'utf8' })

// See docs/discoveries/an-isolate-that-goes-under-a-lock.md.
it('collects no WebAssembly code where it keeps it, as on the command line', () => {
  const kept = flagsOf([], PERMISSION)
  expect(kept).toBe(flagsOf(['--no-wasm-code-gc']))
  expect(kept).not.toBe(flagsOf([]))
})

/** Loaded before a far side: tells what it sets of V8's flags, which it cannot do any more once it serves. */
const WITNESS = `
  const v8 = require('node:v8')
  const { setFlagsFromString } = v8
  v8.setFlagsFromString = (flag) => { require('node:fs').writeSync(2, flag); setFlagsFromString(flag) }`

it.each(['isolate', 'process'])('the far side of the tier %s says so as it starts', async (tier) => {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-witness-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'witness.cjs'), WITNESS)
  const entry = fileURLToPath(new URL(`../../src/tiers/${tier}/entry.ts`, import.meta.url))
  const args = ['--require', join(folder, 'witness.cjs'), entry]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  stack.defer(() => void child.kill('SIGKILL'))
  let seen = ''
  child.stderr?.on('data', (chunk) => {
    seen += String(chunk)
  })
  expect(await eventually(() => seen === '--no-wasm-code-gc', 30_000)).toBe(true)
})

// See docs/discoveries/what-a-childs-start-is-made-of.md.
it.each<TierId>(['isolate', 'process'])(
  'children of the tier %s start with the flags of V8 that Node was built with',
  async (tier) => {
    await using broker = await createBroker()
    expect((await broker.run('1', { trust: 'trusted', tier })).outcome.kind).toBe('returned')
    const pids = (): readonly number[] =>
      broker
        .stats()
        .tiers.flatMap(({ carriers }) => carriers.flatMap(({ pid }) => (pid === process.pid ? [] : (pid ?? []))))
    expect(await eventually(() => pids().length > 0, 10_000)).toBe(true)
    const flags = pids().map((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        .split('\0')
        .filter((given) => given.startsWith('--')),
    )
    const ofChild = flags.map((given) => flagsOf(given))
    expect(ofChild).toStrictEqual(ofChild.map(() => flagsOf([])))
  },
)
