import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { type OuterRuntime, prefixRuntime } from '../../src/jail/outer-runtime.ts'
import { systemTools } from '../../src/jail/tools.ts'
import { type Child, spawnChild } from '../../src/tiers/child.ts'
import { guest } from '../contract/scene.ts'
import { eventually, isAlive } from '../leaks/held.ts'
import { commandAs } from './as-user.ts'

const { perl = 'perl' } = systemTools()
const ENTRY = new URL('../../src/jail/level.ts', import.meta.url)
const MIB = 2 ** 20
/** Passes on what runtimes of containers pass on: descriptors 0 to 2. */
const CLOSES_THE_REST = [perl, '-e', 'use POSIX (); POSIX::close($_) for 3 .. 1023; exec { $ARGV[0] } @ARGV', '--']
const PATIENCE_MS = 10_000

const run = async (commandPrefix: readonly string[], transport: 'descriptor' | 'stdio', source: string) => {
  await using broker = await createBroker({ process: { commandPrefix, transport, spares: 0 } })
  const { outcome } = await broker.run(source, {
    trust: 'trusted',
    tier: 'process',
    input: 21,
    limits: { wallMs: 500, memoryBytes: 32 * MIB },
  })
  return outcome
}

it.each([
  ['echoes', { kind: 'returned', value: 21 }],
  ['spins', { kind: 'exceeded', limit: 'wallMs' }],
  ['converts-huge-bigint', { kind: 'exceeded' }],
])('through standard input and output alone, a guest that %s ends as it does anywhere', async (name, ending) => {
  expect(await run(CLOSES_THE_REST, 'stdio', guest(name))).toMatchObject(ending)
})

it('through standard input and output alone, answers of any size arrive whole', async () => {
  const source = 'export default (n) => "é".repeat(n * 50_000)'
  expect(await run(CLOSES_THE_REST, 'stdio', source)).toEqual({ kind: 'returned', value: 'é'.repeat(21 * 50_000) })
})

it('a runtime that closes the descriptor of the protocol is told to be one that cannot carry it', async () => {
  const outcome = await run(CLOSES_THE_REST, 'descriptor', 'export default () => 1')
  expect(outcome).toMatchObject({ kind: 'crashed', detail: expect.stringContaining('its carrier failed') })
})

it('what a runtime itself says on standard output is no protocol, and ends its child', async () => {
  const chatty = ['/bin/sh', '-c', 'echo "Unable to find image locally"; exec "$@"', 'sh']
  const outcome = await run(chatty, 'stdio', 'export default () => 1')
  expect(outcome).toMatchObject({ kind: 'crashed', detail: expect.stringContaining('Cannot read a frame') })
})

const childOf = (runtime: OuterRuntime, code: string, flags: readonly string[] = [], dataBytes = 1024 * MIB): Child =>
  spawnChild({
    prefix: [],
    outer: { runtime, bounds: { dataBytes, cpuSeconds: 60 } },
    nodeFlags: ['--no-warnings', ...flags, '-e', code],
    entry: ENTRY,
    args: [],
  })

/** All that a child says on the pipe until it leaves. */
const saidBy = async (child: Child): Promise<string> => {
  let said = ''
  child.pipe.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.pipe.on('error', () => {})
  await child.gone
  return said
}

const STDIO = prefixRuntime(CLOSES_THE_REST, 'stdio')
/** V8 itself prints on standard output: here a line for each collection of garbage. */
const PRINTS = ['--trace-gc', '--expose-gc']
const FORGES = `const fs = require('fs'); gc(); fs.writeSync(1, 'forged'); console.log('forged'); fs.writeSync(4, 'true')`

it('nothing that is printed on standard output gets into the protocol, whoever prints it', async () => {
  expect(await saidBy(childOf(STDIO, FORGES, PRINTS))).toBe('true')
  // Were it not moved away, it would: what V8 prints stands among the frames.
  const unmoved: OuterRuntime = {
    ...STDIO,
    start: ({ flags }) => ({ command: [process.execPath, ...flags], release: () => {} }),
  }
  expect(await saidBy(childOf(unmoved, FORGES.replace('writeSync(4', 'writeSync(1'), PRINTS))).toMatch(/ms: .*forged/s)
})

it('nothing that was said to the protocol can be read from standard input', async () => {
  const code = `const fs = require('fs'); fs.writeSync(4, JSON.stringify([fs.readFileSync(0, 'utf8'), fs.readFileSync(3, 'utf8')]))`
  const child = childOf(STDIO, code)
  child.pipe.end('an order')
  expect(await saidBy(child)).toBe('["","an order"]')
})

it('a child has none of what its runtime puts into the environment, and limits that it cannot raise', async () => {
  const runtime = prefixRuntime(['/usr/bin/env', 'SECRET=1', 'PATH=/bin'], 'stdio')
  const code = `const fs = require('fs'); fs.writeSync(4, JSON.stringify([process.env, fs.readFileSync('/proc/self/limits', 'latin1')]))`
  const [environment, limits]: unknown[] = JSON.parse(await saidBy(childOf(runtime, code)))
  expect(environment).toEqual({})
  expect(limits).toMatch(/^Max data size\s+1073741824\s+1073741824\s/m)
  expect(limits).toMatch(/^Max cpu time\s+60\s+60\s/m)
  expect(limits).toMatch(/^Max file size\s+0\s+0\s/m)
  expect(limits).toMatch(/^Max core file size\s+0\s+0\s/m)
})

it('a child that a runtime hides is not measured by its runtime’s client', async () => {
  const child = childOf(STDIO, `require('fs').writeSync(4, 'up'); setInterval(() => {}, 1000)`)
  await once(child.pipe, 'data')
  expect([child.residentBytes(), child.cpuMs()]).toEqual([undefined, undefined])
  await child.end()
  expect(isAlive(child.pid)).toBe(false)
})

const { bwrap = '' } = systemTools()
/** As containers are: Node is the first process, which the kernel lets no signal of its own end. */
const AS_FIRST = [bwrap, '--unshare-pid', '--as-pid-1', '--dev-bind', '/', '/', '--']

it.runIf(bwrap !== '').each([
  ['through standard input and output', { commandPrefix: CLOSES_THE_REST, transport: 'stdio' }],
  ['as the first process of a container', { commandPrefix: AS_FIRST, transport: 'stdio' }],
  ['as the first process, over a descriptor', { commandPrefix: AS_FIRST, transport: 'descriptor' }],
])('a child behind a runtime ends when its broker was killed, whatever its guest does: %s', async (_, prefix) => {
  const options = JSON.stringify({ ...prefix, spares: 0 })
  const [command = '', ...args] = await commandAs('root', 'host-of-runtime.ts', [options])
  const host = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said]: unknown[] = await once(host.stdout, 'data')
  const pids = String(said).trim().split(' ').map(Number)
  expect(pids.map(isAlive)).toEqual([true])
  host.kill('SIGKILL')
  expect(await eventually(() => !pids.some(isAlive), PATIENCE_MS)).toBe(true)
})

it.each<[message: string, options: object]>([
  ['"process.transport" must be "descriptor" or "stdio"', { commandPrefix: ['/usr/bin/env'], transport: 'ipc' }],
  ['"process.transport" is how "process.commandPrefix" is passed', { transport: 'stdio' }],
  ['"process.runtime" must be "gvisor"', { runtime: 'docker' }],
  ['"process.runtime" and "process.commandPrefix" exclude', { runtime: 'gvisor', commandPrefix: ['/usr/bin/env'] }],
  ['"process.jail" and "process.runtime" exclude', { runtime: 'gvisor', jail: 'auto' }],
])('options that cannot be followed are refused: %s', async (message, options) => {
  await expect(createBroker({ process: options })).rejects.toThrow(message)
  await expect(createBroker({ process: options })).rejects.toThrow(RangeError)
})
