import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Broker, Session, SessionEnding } from '../../src/index.ts'
import { VARIANTS } from '../contract/scene.ts'
import { brief, openSessions, shareSessions } from './session-scene.ts'

const DURING = '(async () => { for (;;) await new Promise((done) => setTimeout(done, 5)) })()'

const MEANS: readonly [string, (broker: Broker, session: Session) => Promise<unknown>, object][] = [
  ['its handle', (_, session) => session.kill('enough'), { kind: 'killed', by: 'handle', reason: 'enough' }],
  ['its closing', (_, session) => session.close(), { kind: 'closed' }],
  ['kill', (broker) => broker.kill({ tenant: 'acme' }, 'stop'), { kind: 'killed', by: 'switch', reason: 'stop' }],
  ['block', (broker) => broker.block({ all: true }, 'stop'), { kind: 'killed', by: 'switch', reason: 'stop' }],
  ['the closing of the broker', (broker) => broker.close(), { kind: 'killed', by: 'close' }],
]

describe.each(VARIANTS)('a session in %s', (variant) => {
  const shared = shareSessions(variant)

  test.each(MEANS)('is ended by %s while idle, and nothing of it remains', async (_, end, ending) => {
    await using scene = await openSessions(variant)
    const { broker } = scene
    const events: SessionEnding[] = []
    broker.on('session', (event) => events.push(event.ending))
    const session = await scene.open('', { tenant: 'acme' })
    await session.evaluate('setTimeout(() => console.log("late"), 1); let kept = 1')
    expect(broker.stats().sessions).toMatchObject([{ id: session.id, tenant: 'acme', state: 'idle', calls: 1 }])
    await end(broker, session)
    expect(await session.ended).toMatchObject(ending)
    expect(events).toMatchObject([ending])
    expect(broker.stats().sessions).toEqual([])
    expect(
      broker
        .stats()
        .tiers.flatMap(({ carriers }) => carriers)
        .reduce((sum, one) => sum + one.sandboxes, 0),
    ).toBe(0)
    await expect(session.evaluate('kept')).rejects.toMatchObject({ code: 'RF_SESSION_ENDED' })
  })

  test.each(MEANS)('is ended by %s while a call is under way and another waits', async (_, end, ending) => {
    await using scene = await openSessions(variant)
    const session = await scene.open('', { tenant: 'acme' })
    const calls = [session.evaluate(DURING), session.evaluate('1')]
    await new Promise((done) => setTimeout(done, 30))
    await end(scene.broker, session)
    for (const { outcome } of await Promise.all(calls)) expect(outcome.kind).toBe('killed')
    expect(await session.ended).toMatchObject(ending)
    await expect(session.call('default')).rejects.toMatchObject({ code: 'RF_SESSION_ENDED' })
  })

  test('is not ended by a switch for others', async () => {
    await using session = await shared().open('', { tenant: 'acme' })
    await session.evaluate('let kept = 1')
    await shared().broker.kill({ tenant: 'other' }, 'stop')
    await shared().broker.block({ program: 'other' }, 'stop')
    await shared().broker.unblock({ program: 'other' })
    expect(brief((await session.evaluate('kept')).outcome)).toBe(1)
  })

  test.each([
    ['wall time', DURING, { wallMs: 60 }, { kind: 'exceeded', limit: 'wallMs' }],
    ['an endless loop', 'for (;;);', { wallMs: 60 }, { kind: 'exceeded', limit: 'wallMs' }],
    ['its log', 'for (;;) console.log("x".repeat(99))', { logBytes: 1024 }, { kind: 'exceeded', limit: 'logBytes' }],
    ['its output', '"x".repeat(9999)', { outputBytes: 1024 }, { kind: 'exceeded', limit: 'outputBytes' }],
  ])('ends with a call that reaches its limit: %s', async (_, text, limits, ending) => {
    await using session = await shared().open()
    const [first, second] = await Promise.all([session.evaluate(text, { limits }), session.evaluate('1')])
    expect(first.outcome).toEqual(ending)
    expect(second.outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('The session has ended') })
    expect(await session.ended).toEqual(ending)
    await expect(session.evaluate('1')).rejects.toThrow(`a call exceeded its limit "${ending.limit}"`)
  })

  test('ends with a call that a signal ends, and not with one that never started', async () => {
    await using session = await shared().open()
    const before = AbortSignal.abort('never mind')
    expect((await session.evaluate('1', { signal: before })).outcome).toMatchObject({ kind: 'killed', by: 'signal' })
    expect(brief((await session.evaluate('2')).outcome)).toBe(2)
    const aborter = new AbortController()
    const calls = [session.evaluate(DURING, { signal: aborter.signal }), session.evaluate('1')]
    await new Promise((done) => setTimeout(done, 30))
    aborter.abort('enough')
    expect((await Promise.all(calls)).map(({ outcome }) => outcome.kind)).toEqual(['killed', 'refused'])
    expect(await session.ended).toMatchObject({ kind: 'killed', by: 'signal' })
  })

  test.each([
    ['idleMs', { idleMs: 20 }, { kind: 'idle' }],
    ['calls', { calls: 2 }, { kind: 'spent', limit: 'calls' }],
  ])('ends at its own limit %s', async (_, session, ending) => {
    const opened = await shared().open('', { session })
    await opened.evaluate('1')
    if ('calls' in session) await opened.evaluate('2')
    expect(await opened.ended).toEqual(ending)
    await expect(opened.evaluate('3')).rejects.toMatchObject({ code: 'RF_SESSION_ENDED' })
  })

  test('has no more time than is left of its own, however often it is called', async () => {
    await using session = await shared().open('', { session: { cpuMs: 60 } })
    const kinds: string[] = []
    while (session.state !== 'ended' && kinds.length < 99) {
      kinds.push((await session.evaluate('for (const until = Date.now() + 10; Date.now() < until;);')).outcome.kind)
      await Promise.resolve()
    }
    expect(kinds.length).toBeLessThan(20)
    expect(['spent', 'exceeded']).toContain((await session.ended).kind)
  })

  test('cannot be opened or called while it is blocked, nor asked to evaluate by a name', async () => {
    await using scene = await openSessions(variant)
    await scene.broker.block({ tenant: 'acme' }, 'unpaid')
    await using blocked = await scene.open('', { tenant: 'acme' })
    expect((await blocked.evaluate('1')).outcome).toMatchObject({ kind: 'refused' })
    await using session = await scene.open('export default (text) => text')
    await expect(session.call('\0evaluate', '6 * 7')).rejects.toThrow('control characters')
    await expect(scene.run('1', { export: '\0evaluate', input: '6 * 7' })).rejects.toThrow('control characters')
  })
})

test('a kill file ends idle sessions', async () => {
  const killFile = `/tmp/ringfence-sessions-${process.pid}`
  await using scene = await openSessions('vm', { killFile })
  const session = await scene.open()
  try {
    writeFileSync(killFile, 'incident 7')
    expect(await session.ended).toEqual({ kind: 'killed', by: 'switch', reason: 'incident 7' })
  } finally {
    rmSync(killFile)
  }
})

test('quarantine ends the sessions of a tenant that ends badly elsewhere', async () => {
  await using scene = await openSessions('vm', { quarantine: { failures: 1, windowMs: 60_000, scope: 'tenant' } })
  const session = await scene.open('', { tenant: 'acme' })
  await scene.run('for (;;);', { tenant: 'acme', limits: { wallMs: 20 } })
  expect(await session.ended).toMatchObject({ kind: 'killed', by: 'switch' })
})

test('opening can be aborted, and is refused with wrong options and by a closed broker', async () => {
  const scene = await openSessions('process')
  await expect(scene.open('', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  await expect(scene.open('', { session: { idleMs: 0 } })).rejects.toThrow(RangeError)
  const opening = scene.open()
  const closing = scene.broker.close()
  await expect(opening).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
  await closing
  await expect(scene.open()).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
})

test.each(['isolate', 'process'] as const)(
  'a session in %s whose process dies is over, and is not opened anew',
  async (variant) => {
    await using scene = await openSessions(variant)
    const session = await scene.open('let n = 0; export const next = () => ++n')
    await session.call('next')
    for (const { carriers } of scene.broker.stats().tiers) {
      for (const { pid, sandboxes } of carriers) if (pid !== undefined && sandboxes > 0) process.kill(pid, 'SIGKILL')
    }
    const busy = await session.call('next')
    expect(busy.outcome.kind).toBe('crashed')
    expect(await session.ended).toMatchObject({ kind: 'crashed' })
    await expect(session.call('next')).rejects.toMatchObject({ code: 'RF_SESSION_ENDED' })
    expect(scene.broker.stats().sessions).toEqual([])
  },
)
