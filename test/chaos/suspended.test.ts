import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/index.ts'
import { childrenOf, eventually, isAlive } from '../leaks/held.ts'

const HOST = fileURLToPath(new URL('suspended-host.ts', import.meta.url))
const PATIENCE_MS = 15_000
/** Those in the tiers vm and worker, and those in children. */
const CALLS = { threads: 5, children: 6 }
const SERVED: Outcome = { kind: 'returned', value: 42 }

interface Told {
  readonly threads: readonly Outcome[]
  readonly children: readonly Outcome[]
  readonly after: readonly Outcome[]
  readonly left: number
}

/** A host with calls under way in every tier. */
interface Host extends AsyncDisposable {
  readonly process: ChildProcess
  readonly pid: number
  readonly carriers: readonly number[]
  /** What it says once it was woken. */
  told(): Promise<Told>
}

/** Its output is read line by line as it comes: a pipe that nobody reads would hold the host up in its last words. */
async function startHost(stallMs: number, wallMs: number): Promise<Host> {
  const host = spawn(process.execPath, [HOST, String(stallMs), String(wallMs)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const { pid } = host
  if (pid === undefined) throw new Error('the host did not start')
  const lines = createInterface({ input: host.stdout })[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the host ended without a word')
    return JSON.parse(value) as T
  }
  return {
    process: host,
    pid,
    carriers: await next<number[]>(),
    told: () => next<Told>(),
    [Symbol.asyncDispose]: () => end(host),
  }
}

/** Works on a process that is stopped, too. */
async function end(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null) return
  const gone = once(host, 'exit')
  host.kill('SIGKILL')
  await gone
}

/** A process and all it has started, however far removed. */
const treeOf = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(treeOf)]

const signalAll = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // ESRCH: it has ended meanwhile.
    }
  }
}

const kindsOf = (outcomes: readonly Outcome[]): readonly string[] => [...new Set(outcomes.map(({ kind }) => kind))]

async function expectHealed(host: Host, told: Told): Promise<void> {
  expect({ threads: told.threads.length, children: told.children.length }).toEqual(CALLS)
  for (const kind of kindsOf(told.threads)) expect(kind).toMatch(/^(?:exceeded|killed)$/)
  expect(told.after).toEqual(Array.from({ length: 5 }, () => SERVED))
  expect(told.left).toBe(0)
  if (host.process.exitCode === null) await once(host.process, 'exit')
  expect(host.process.exitCode).toBe(0)
  expect(host.carriers.filter(isAlive)).toEqual([])
}

describe.concurrent('a host that was stopped and goes on', () => {
  it.each([
    ['alone', (pid: number) => [pid]],
    ['with all its children, as when a machine sleeps', treeOf],
  ])('ends each call once whose deadline has passed meanwhile, and serves: %s', async (_, partsOf) => {
    await using host = await startHost(0, 1500)
    const parts = partsOf(host.pid)
    signalAll(parts, 'SIGSTOP')
    await delay(1600)
    signalAll(parts.toReversed(), 'SIGCONT')
    const told = await host.told()
    expect(kindsOf(told.children)).toEqual(['exceeded'])
    await expectHealed(host, told)
  })

  it('goes on with calls that have time left', async () => {
    await using host = await startHost(0, 3000)
    const parts = treeOf(host.pid)
    signalAll(parts, 'SIGSTOP')
    await delay(300)
    signalAll(parts.toReversed(), 'SIGCONT')
    expect(host.carriers.filter(isAlive)).toEqual(host.carriers)
    const told = await host.told()
    expect(kindsOf(told.children)).toEqual(['exceeded'])
    await expectHealed(host, told)
  })
})

describe('a host that was stopped under a dead-man’s switch', () => {
  it('finds its children ended, tells of each call, and starts others', async () => {
    await using host = await startHost(1000, 25_000)
    host.process.kill('SIGSTOP')
    expect(await eventually(() => !host.carriers.some(isAlive), PATIENCE_MS)).toBe(true)
    host.process.kill('SIGCONT')
    const told = await host.told()
    expect(kindsOf(told.children)).toEqual(['crashed'])
    await expectHealed(host, told)
  })
})
