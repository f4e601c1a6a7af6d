import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Ending, Sandbox, SandboxCall } from '../../src/core/sandbox.ts'
import { callOf, type FarSide, farSide, record } from './far-side.ts'
import { opened } from './under-way.ts'

const DISPLACED = { kind: 'displaced' }

interface Ahead {
  readonly far: FarSide
  readonly sandbox: Sandbox
  readonly calls: readonly SandboxCall[]
  readonly endings: readonly Promise<Ending>[]
  /** What was told of the calls, in order. */
  readonly told: readonly string[]
  /** The endings so far, by the number of the call. */
  readonly ended: Readonly<Record<number, Ending>>
  out(...records: string[]): void
  posted(t: string): readonly number[]
}

/** A sandbox with one call under way and others given to it behind that. */
async function ahead(waiting: number, exclusive = false): Promise<Ahead> {
  const far = farSide({ exclusive, ahead: 32 })
  const sandbox = await opened(far)
  const told: string[] = []
  const ended: Record<number, Ending> = {}
  const calls = Array.from(
    { length: 1 + waiting },
    (_, n): SandboxCall => ({
      ...callOf(),
      input: `J[${n}]`,
      onStart: () => told.push(`start ${n}`),
      onDone: ({ cpuMs }) => told.push(`done ${n} ${cpuMs}`),
    }),
  )
  const endings = calls.map(async (call, n) => {
    const ending = await sandbox.run(call)
    ended[n] = ending
    return ending
  })
  const posted = (t: string): readonly number[] =>
    far.orders.flatMap(([order]) => (order.t === t && 'c' in order ? [order.c] : []))
  const out = (...records: string[]): void => far.say({ t: 'out', s: 0 }, records.join(''))
  return { far, sandbox, calls, endings, told, ended, out, posted }
}

describe('calls ahead', () => {
  it('start in the order in which they were given, each when the one before has ended', async () => {
    const { far, endings, told, out, posted } = await ahead(2)
    expect(posted('call')).toEqual([0, 1, 2])
    expect(told).toEqual(['start 0'])
    far.say({ t: 'out', s: 0, cpuMs: 5 }, record('D', 'J[0]'))
    expect(told).toEqual(['start 0', 'done 0 5', 'start 1'])
    far.say({ t: 'usage', s: 0, cpuMs: 7 })
    out(record('E', '{"name":"Error","message":"no"}'))
    out(record('D', 'J[2]'))
    expect(told.slice(3)).toEqual(['done 1 7', 'start 2', 'done 2 undefined'])
    expect(await Promise.all(endings)).toMatchObject([
      { kind: 'returned', text: 'J[0]' },
      { kind: 'threw' },
      { kind: 'returned', text: 'J[2]' },
    ])
  })

  it('are not for a sandbox whose far side is in the same thread', async () => {
    const far = farSide()
    const sandbox = await opened(far)
    void sandbox.run(callOf())
    expect(sandbox.ahead).toBe(0)
    expect(await sandbox.run(callOf())).toMatchObject({ kind: 'crashed', started: false })
  })

  it('are asked for only where calls were quick', async () => {
    const { sandbox, out } = await ahead(2)
    expect(sandbox.ahead).toBe(0)
    out(record('D', 'J[0]'))
    out(record('D', 'J[1]'))
    expect(sandbox.ahead).toBe(32)
    const until = performance.now() + 20
    while (performance.now() < until);
    expect(sandbox.ahead).toBe(0)
    out(record('D', 'J[2]'))
    expect(sandbox.ahead).toBe(0)
  })

  it('are sent in one go, once few are left on the far side', async () => {
    const { out, posted } = await ahead(31)
    const first = posted('call').length
    expect(first).toBeLessThan(20)
    for (let n = 0; posted('call').length === first && n < 20; n += 1) out(record('D', `J[${n}]`))
    expect(posted('call')).toEqual(Array.from({ length: 32 }, (_, n) => n))
  })

  it('have a budget each, and none is spent by waiting', async () => {
    const { far } = await ahead(1)
    expect(far.orders.filter(([{ t }]) => t === 'call').map(([order]) => order)).toMatchObject([
      { wallMs: 1000 },
      { wallMs: 1000 },
    ])
  })
})

describe('a call taken back', () => {
  it('ends once the far side has given it back, and the others go on', async () => {
    const { far, sandbox, calls, ended, told, out, posted } = await ahead(2)
    sandbox.withdraw?.(calls[1])
    sandbox.withdraw?.(calls[1])
    expect(posted('drop')).toEqual([1])
    await setImmediate()
    expect(ended).toEqual({})
    far.say({ t: 'dropped', s: 0, c: 1 })
    out(record('D', 'J[0]'))
    out(record('D', 'J[2]'))
    await setImmediate()
    expect(ended).toMatchObject({ 0: { text: 'J[0]' }, 1: DISPLACED, 2: { text: 'J[2]' } })
    expect(told).not.toContain('start 1')
  })

  it('starts all the same where the far side was quicker', async () => {
    const { sandbox, calls, ended, told, out } = await ahead(1)
    sandbox.withdraw?.(calls[1])
    out(record('D', 'J[0]'))
    expect(told).toContain('start 1')
    out(record('D', 'J[1]'))
    await setImmediate()
    expect(ended).toMatchObject({ 1: { text: 'J[1]' } })
  })

  it('ends at once where it was not sent', async () => {
    const { sandbox, calls, ended, posted } = await ahead(31)
    sandbox.withdraw?.(calls[31])
    await setImmediate()
    expect(posted('drop')).toEqual([])
    expect(ended).toEqual({ 31: DISPLACED })
  })

  it('is not taken from the far side’s word alone', async () => {
    const { far, ended } = await ahead(1)
    far.say({ t: 'dropped', s: 0, c: 1 })
    await setImmediate()
    expect(far.relay.cause).toMatch(/nobody took call 1 back/)
    expect(far.ended).toBe(1)
    expect(ended).toMatchObject({ 0: { kind: 'crashed', started: true }, 1: DISPLACED })
  })
})

describe('a sandbox that ends with calls ahead', () => {
  it('has run the one under way, and none of the others', async () => {
    const { far, endings, out } = await ahead(3)
    out(record('D', 'J[0]'))
    far.cut('its process was ended by SIGKILL')
    expect(await Promise.all(endings)).toMatchObject([
      { kind: 'returned' },
      { kind: 'crashed', started: true },
      DISPLACED,
      DISPLACED,
    ])
  })

  it.each([
    ['an error that nobody could catch', record('E', '{"name":"Error","message":"no"}', 1), 'threw'],
    ['a result too large', record('D', `J["${'x'.repeat(200)}"]`), 'exceeded'],
    ['too many lines', record('L', '0;0123456789').repeat(20), 'exceeded'],
  ])('lets them go after %s, but not before it is closed', async (_, records, kind) => {
    const { far, sandbox, ended, out } = await ahead(2)
    out(records)
    // Whatever the far side went on to do is nobody's any more.
    out(record('D', 'J[1]'), record('L', '0;late'))
    await setImmediate()
    expect(ended).toMatchObject({ 0: { kind } })
    expect(Object.keys(ended)).toEqual(['0'])
    expect(far.orders.at(-1)?.[0]).toEqual({ t: 'close', s: 0 })
    far.say({ t: 'closed', s: 0 })
    await sandbox.kill()
    expect(ended).toMatchObject({ 1: DISPLACED, 2: DISPLACED })
  })

  it('lets them go when it is killed, and says of the one under way that it had started', async () => {
    const { sandbox, endings } = await ahead(2, true)
    await sandbox.kill()
    expect(await Promise.all(endings)).toMatchObject([{ kind: 'crashed', started: true }, DISPLACED, DISPLACED])
  })
})
