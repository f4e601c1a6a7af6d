import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type BrokerOptions, createBroker } from '../../src/index.ts'
import { childrenOf, eventually, isAlive } from '../leaks/held.ts'
import { firstWords } from './first-words.ts'

const SCRIPT = fileURLToPath(new URL('./stalled-host.ts', import.meta.url))
/** Long enough for a busy machine to let the host speak in between. */
const STALL_MS = 1000
const PATIENCE_MS = 10_000

type Manner = 'serves' | 'loops' | 'loops-and-ends'

/** A host in a process of its own, with guests that never yield. */
interface Host {
  readonly process: ChildProcess
  readonly pid: number
  /** The children in which guests may run. */
  readonly carriers: readonly number[]
  /** The process that watches it. */
  readonly supervisors: readonly number[]
}

let started: Host | undefined
let seen: readonly number[] = []
afterEach(async () => {
  const { process: host } = started ?? {}
  started = undefined
  if (host !== undefined && host.exitCode === null && host.signalCode === null) {
    const gone = once(host, 'exit')
    host.kill('SIGKILL')
    await gone
  }
  if (!(await allGone(seen))) throw new Error(`left: ${seen.filter(isAlive).join()}`)
  seen = []
})

async function startHost(manner: Manner, stallMs = STALL_MS): Promise<Host> {
  const host = spawn(process.execPath, [SCRIPT, manner, String(stallMs)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const { pid } = host
  if (pid === undefined) throw new Error('the host did not start')
  const line = await firstWords(host.stdout)
  const carriers = JSON.parse(line) as number[]
  seen = childrenOf(pid)
  started = { process: host, pid, carriers, supervisors: await supervisorsOf(pid) }
  return started
}

/** The children of a process that are no carriers, by the entry they run. */
async function supervisorsOf(pid: number): Promise<readonly number[]> {
  const commandOf = (child: number): Promise<string> => readFile(`/proc/${child}/cmdline`, 'latin1').catch(() => '')
  const named = await Promise.all(childrenOf(pid).map(async (child) => [child, await commandOf(child)] as const))
  return named.filter(([, command]) => command.includes('dead-man-entry')).map(([child]) => child)
}

const allGone = (pids: readonly number[]): Promise<boolean> => eventually(() => !pids.some(isAlive), PATIENCE_MS)

describe('the children of a host that does not serve them any more', () => {
  it('end when it is stopped, although it never goes on', async () => {
    const { process: host, pid, carriers } = await startHost('serves')
    expect(carriers.length).toBeGreaterThanOrEqual(2)
    host.kill('SIGSTOP')
    expect(await allGone(carriers)).toBe(true)
    expect(isAlive(pid)).toBe(true)
  })

  it('end when it is stuck in a loop of its own', async () => {
    const { pid, carriers } = await startHost('loops')
    expect(carriers.length).toBeGreaterThanOrEqual(2)
    expect(await allGone(carriers)).toBe(true)
    expect(isAlive(pid)).toBe(true)
  })

  it('end with the host, threads and all, where that is asked for', async () => {
    const { process: host } = await startHost('loops-and-ends')
    if (host.signalCode === null) await once(host, 'exit')
    expect(host.signalCode).toBe('SIGKILL')
  })

  it('live on while it only is slow, and are known to a supervisor that took the place of another', async () => {
    const { process: host, pid, carriers, supervisors } = await startHost('serves')
    await delay(STALL_MS / 2)
    expect(carriers.filter(isAlive)).toEqual(carriers)
    const [first] = supervisors
    if (first === undefined) throw new Error('there is no supervisor')
    process.kill(first, 'SIGKILL')
    let next: readonly number[] = []
    for (let tries = 0; next.length === 0 && tries < 500; tries += 1) {
      await delay(20)
      next = (await supervisorsOf(pid)).filter((one) => one !== first)
    }
    expect(next).toHaveLength(1)
    seen = [...seen, ...next]
    expect(carriers.filter(isAlive)).toEqual(carriers)
    host.kill('SIGSTOP')
    expect(await allGone(carriers)).toBe(true)
  })

  it('are watched again after their supervisor was stopped: one that answers nothing is replaced', async () => {
    const { pid, process: host, carriers, supervisors } = await startHost('serves')
    const [first] = supervisors
    if (first === undefined) throw new Error('there is no supervisor')
    process.kill(first, 'SIGSTOP')
    expect(await eventually(() => !isAlive(first), PATIENCE_MS)).toBe(true)
    let next: readonly number[] = []
    for (let tries = 0; next.length === 0 && tries < 500; tries += 1) {
      await delay(20)
      next = await supervisorsOf(pid)
    }
    expect(next).toHaveLength(1)
    seen = [...seen, ...next]
    expect(carriers.filter(isAlive)).toEqual(carriers)
    host.kill('SIGSTOP')
    expect(await allGone(carriers)).toBe(true)
  })

  it('live on where nobody asked for it, so that these tests can fail', async () => {
    const { process: host, carriers, supervisors } = await startHost('serves', 0)
    expect(supervisors).toEqual([])
    host.kill('SIGSTOP')
    await delay(2 * STALL_MS)
    expect(carriers.filter(isAlive)).toEqual(carriers)
  })
})

describe('a broker with a dead-man’s switch', () => {
  it('leaves nothing of it behind when it is closed', async () => {
    const broker = await createBroker({ deadMan: { stallMs: 5000 } })
    expect((await broker.run('6 * 7', { trust: 'untrusted' })).outcome).toEqual({ kind: 'returned', value: 42 })
    expect(await supervisorsOf(process.pid)).toHaveLength(1)
    await broker.close()
    expect(await supervisorsOf(process.pid)).toEqual([])
  })

  it('goes on after a stall: what ran is a crash, and what comes is served', async () => {
    await using broker = await createBroker({ deadMan: { stallMs: STALL_MS } })
    const running = broker.start('export default () => new Promise(() => {})', { trust: 'trusted', tier: 'isolate' })
    while (running.usage().wallMs === 0) await delay(5)
    const [pid] = broker
      .stats()
      .tiers.flatMap(({ carriers }) => carriers.flatMap((one) => one.pid ?? []))
      .filter((one) => one !== process.pid)
    if (pid === undefined) throw new Error('there is no child')
    const until = performance.now() + PATIENCE_MS
    // A host that is held up, here until its child is gone.
    while (isAlive(pid) && performance.now() < until);
    expect(isAlive(pid)).toBe(false)
    expect((await running.result).outcome.kind).toMatch(/^(?:crashed|exceeded)$/)
    expect((await broker.run('6 * 7')).outcome).toEqual({ kind: 'returned', value: 42 })
  })

  it.each<[unknown, ErrorConstructor, string]>([
    [7, TypeError, '"deadMan" must be an object'],
    [{}, TypeError, '"deadMan.stallMs" must be a number'],
    [{ stallMs: 5 }, RangeError, '"deadMan.stallMs" must be a whole number from 100 to 3600000, received 5'],
    [{ stallMs: 500, endHost: 1 }, TypeError, '"deadMan.endHost" must be true or false'],
    [{ stallMs: 500, kill: true }, TypeError, '"deadMan" has no option "kill"'],
  ])('is not made of %j', async (deadMan, kind, problem) => {
    // What plain JavaScript may pass.
    const created = createBroker({ deadMan } as BrokerOptions)
    await expect(created).rejects.toThrow(kind)
    await expect(created).rejects.toThrow(`Cannot create broker: ${problem}`)
  })

  it('starts nothing when the other options are wrong', async () => {
    const before = childrenOf(process.pid)
    const created = createBroker({ deadMan: { stallMs: 500 }, killFile: '' })
    await expect(created).rejects.toThrow('"killFile" must not be empty')
    expect(childrenOf(process.pid).filter((pid) => !before.includes(pid))).toEqual([])
  })
})
