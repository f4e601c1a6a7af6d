import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Ending, HostFunctions } from '../../src/core/sandbox.ts'
import { startHost } from '../../src/tiers/isolate-host.ts'
import { PROTOCOL_VERSION } from '../../src/tiers/protocol.ts'
import { callOf, farSide, guestOf, record } from './far-side.ts'
import { opened, underWay } from './under-way.ts'

const never = new AbortController().signal
const DONE = { kind: 'returned', text: 'J[1]' }

/** The children of a process that are there, dead and not yet taken leave of included. */
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number)

describe('a handshake', () => {
  it('tells the thread of the far side', async () => {
    expect(await farSide().relay.ready).toBe(7)
  })

  it.each([
    ['another version', { t: 'ready', version: PROTOCOL_VERSION + 1, threadId: 0 }, /it speaks version/],
    ['no version', { t: 'ready' }, /version 0/],
    ['nonsense', { t: 'hello' }, /its kind is unknown/],
    ['nothing', undefined, /its head is not an object/],
  ])('with %s fails, and the carrier is ended once', async (_, head, message) => {
    const far = farSide({ ready: false })
    far.say(head)
    await expect(far.relay.ready).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
    await expect(far.relay.open(guestOf(), never)).rejects.toThrow(message)
    expect(far.ended).toBe(1)
  })

  it('that never comes is given up, and the child is ended, whether Node is silent or never starts', {
    timeout: 30_000,
  }, async () => {
    const entry = new URL('./silent-child.ts', import.meta.url)
    const silent = { prefix: [], nodeFlags: [], entry, args: [] }
    // What stands before Node sleeps, and has Node's end of the pipe.
    const asleep = { ...silent, prefix: ['/bin/sh', '-c', 'exec sleep 3600'] }
    const start = performance.now()
    const before = childrenOf(process.pid)
    const given = [silent, asleep].map((plan) => startHost(plan, true, () => {}))
    const started = childrenOf(process.pid).filter((pid) => !before.includes(pid))
    expect(started).toHaveLength(2)
    for (const one of await Promise.allSettled(given)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'RF_CARRIER_FAILED' } })
      expect(String(one.status === 'rejected' && one.reason)).toMatch(/did not answer within 10000 ms/)
    }
    expect(performance.now() - start).toBeLessThan(20_000)
    while (started.some((pid) => childrenOf(process.pid).includes(pid))) await delay(10)
  })
})

describe('a call', () => {
  it('that is crossed by nonsense ends when its carrier is gone, and not before', async () => {
    const gone = Promise.withResolvers<void>()
    const far = farSide({ gone: gone.promise })
    const sandbox = await opened(far)
    const endings: Ending[] = []
    const ended = sandbox.run(callOf([])).then((ending) => void endings.push(ending))
    far.say({ t: 'hello' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(far.ended).toBe(1)
    expect(endings).toEqual([])
    gone.resolve()
    await ended
    expect(endings).toMatchObject([{ kind: 'crashed', started: true }])
  })

  it('settles once, by what came first, whatever a far side says afterwards', async () => {
    const { far, sandbox, ending, logs, out } = await underWay()
    out(record('L', '5;hi', 2), record('D', 'J[1]'), record('D', 'J[2]'), record('L', '6;late'))
    out(record('E', '{"name":"E","message":"late"}'))
    far.say({ t: 'ended', s: 0, limit: 'wallMs' })
    expect(await ending).toEqual(DONE)
    expect(logs).toEqual([{ level: 'info', text: 'hi', at: 5 }])
    expect([sandbox.reusable, far.ended]).toEqual([true, 0])
  })

  it('has its own ending, not one that was left over from the call before', async () => {
    const { sandbox, ending, out } = await underWay()
    out(record('D', 'J[1]'))
    await ending
    out(record('D', 'J["stale"]'))
    const next = sandbox.run(callOf())
    out(record('D', 'J[2]'))
    expect(await next).toEqual({ kind: 'returned', text: 'J[2]' })
  })

  it.each([
    ['wallMs', { kind: 'exceeded', limit: 'wallMs' }],
    ['memoryBytes', { kind: 'exceeded', limit: 'memoryBytes' }],
    [undefined, { kind: 'crashed', detail: "the guest's engine failed", started: true }],
  ])('that is ended by %s leaves a sandbox that is not used again', async (limit, expected) => {
    const { far, sandbox, ending } = await underWay()
    far.say({ t: 'ended', s: 0, limit })
    expect(await ending).toEqual(expected)
    expect(sandbox.reusable).toBe(false)
    expect(await sandbox.run(callOf())).toMatchObject({ kind: 'crashed', started: false })
  })

  it('that failed where nobody could catch it leaves a sandbox that is not used again', async () => {
    const { sandbox, ending, out } = await underWay()
    out(record('E', '{"name":"Error","message":"uncaught"}', 1))
    expect(await ending).toEqual({ kind: 'threw', error: { name: 'Error', message: 'uncaught' } })
    expect(sandbox.reusable).toBe(false)
  })

  it('that is said to be cut short may be made again, unless it did something or may not move', async () => {
    const functions: HostFunctions = new Map([['host/lookup', { sync: false, invoke: () => 'J[1]' }]])
    const cutAfter = async (records: string, mayMove: boolean): Promise<Ending> => {
      const far = farSide()
      const ending = (await opened(far, functions)).run(callOf([], mayMove))
      far.say({ t: 'out', s: 0 }, records)
      far.say({ t: 'ended', s: 0, cut: true })
      return ending
    }
    expect(await cutAfter('', true)).toMatchObject({ kind: 'crashed', started: false })
    expect(await cutAfter('', false)).toMatchObject({ kind: 'crashed', started: true })
    expect(await cutAfter(record('L', '0;'), true)).toMatchObject({ kind: 'crashed', started: true })
    expect(await cutAfter(record('H', 'host/lookup\nJ[]', 1), true)).toMatchObject({ kind: 'crashed', started: true })
  })

  it('is not made while another is under way', async () => {
    const { far, sandbox } = await underWay()
    expect(await sandbox.run(callOf())).toEqual({ kind: 'crashed', detail: 'the sandbox was busy', started: false })
    expect(far.orders.filter(([{ t }]) => t === 'call')).toHaveLength(1)
  })

  it('is over when the connection is, and so is every other', async () => {
    const { far, ending } = await underWay()
    const other = (await opened(far)).run(callOf())
    far.cut('the pipe closed')
    far.cut('again')
    const crashed = { kind: 'crashed', detail: 'the pipe closed', started: true }
    expect(await Promise.all([ending, other])).toEqual([crashed, crashed])
    expect(far.relay.size).toBe(0)
  })
})

describe('what a far side may not say', () => {
  it.each([
    ['a head that is none', 'garbage', ''],
    ['records that are none', { t: 'out', s: 0 }, 'garbage'],
    ['a record longer than its batch', { t: 'out', s: 0 }, 'D0,9:a'],
    ['an error that is not JSON', { t: 'out', s: 0 }, record('E', 'garbage')],
    ['an error that is no object', { t: 'out', s: 0 }, record('E', '7')],
    ['a limit there is not', { t: 'out', s: 0 }, record('X', 'wallMs')],
    ['a limit it may not find', { t: 'ended', s: 0, limit: 'outputBytes' }, ''],
    ['a negative amount', { t: 'usage', s: 0, cpuMs: -1 }, ''],
    ['another version in the middle', { t: 'ready', version: 9, threadId: 0 }, ''],
  ])('is %s: every call crashes, and the carrier is ended exactly once', async (_, head, text) => {
    const { far, sandbox, ending } = await underWay()
    const other = (await opened(far)).run(callOf())
    far.say(head, text)
    far.say(head, text)
    far.say({ t: 'out', s: 0 }, record('D', 'J["too late"]'))
    expect(await ending).toMatchObject({ kind: 'crashed', started: true })
    expect(await other).toMatchObject({ kind: 'crashed', started: true })
    expect(far.ended).toBe(1)
    expect(sandbox.reusable).toBe(false)
    await expect(far.relay.open(guestOf(), never)).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
  })

  it('does not include sandboxes there are not: nobody hears of them', async () => {
    const { far, ending, out } = await underWay()
    for (const t of ['opened', 'failed', 'closed', 'stuck', 'ended', 'usage', 'out']) far.say({ t, s: 999 }, 'garbage')
    far.say({ t: 'sync', s: 999, name: 'host/lookup' }, 'J[]')
    out(record('D', 'J[1]'))
    expect(await ending).toEqual(DONE)
    expect([far.ended, far.relay.size]).toEqual([0, 1])
  })
})
