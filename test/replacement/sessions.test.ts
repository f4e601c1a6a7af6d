import { describe, expect, test } from 'vitest'
import { type Broker, createBroker, type Session } from '../../src/index.ts'
import { VARIANTS } from '../contract/scene.ts'
import { brief, openSessions, shareSessions } from '../sessions/session-scene.ts'

/** A process takes its time to start on a busy machine. */
const PATIENCE = { timeout: 10_000 }

const ONE = `let n = 0
export const next = () => ++n
export const dispose = () => n
export const wait = (ms) => new Promise((done) => setTimeout(done, ms, 'one'))
export const name = 'one'`

const TWO = `let n = 0
export const next = () => (n += 10)
export const accept = async (state) => { n = state; return () => 'no data' }
export const dispose = () => n
export const name = 'two'`

const NEVER = 'await new Promise(() => {}); export {}'

const answer = async (session: Session, name = 'name', input?: unknown): Promise<unknown> =>
  brief((await session.call(name, input)).outcome)

describe.each(VARIANTS)('a session in %s', (variant) => {
  // What the broker does by itself is the same in every tier, and processes take their time to start.
  const startsSlowly = variant === 'process'
  const shared = shareSessions(variant)

  test('is replaced, and given the state of the old program, but not what texts declared', async () => {
    await using session = await shared().open(ONE)
    await answer(session, 'next')
    await session.evaluate('const declared = 1; globalThis.kept = 1')
    const { calls } = session.usage()
    expect(await session.replace(TWO)).toEqual({ kind: 'replaced', handedOver: true })
    expect(session.usage().calls).toBe(calls)
    expect(await answer(session, 'next')).toBe(11)
    expect(brief((await session.evaluate('n')).outcome)).toMatch('ReferenceError')
    expect(brief((await session.evaluate('[typeof declared, typeof kept, name].join()')).outcome)).toBe(
      'undefined,undefined,two',
    )
    expect(await session.replace(ONE, { handOver: false })).toEqual({ kind: 'replaced', handedOver: false })
    expect(await answer(session, 'next')).toBe(1)
  })

  test('serves calls while the new program is warmed, and gives it its turn among them', async () => {
    await using session = await shared().open(ONE)
    const before = session.call('wait', 200)
    const replacing = session.replace(`await new Promise((done) => setTimeout(done, 50))\n${TWO}`)
    const during = session.call('name')
    expect(session.state).toBe('busy')
    expect(await replacing).toEqual({ kind: 'replaced', handedOver: true })
    expect([brief((await before).outcome), brief((await during).outcome), await answer(session)]).toEqual([
      'one',
      'one',
      'two',
    ])
    expect(session.state).toBe('idle')
  })

  test.each([
    ['prepare', 'export default (', { kind: 'threw', error: { name: 'SyntaxError' } }],
    ['policy', `// ${'x'.repeat(3000)}`, { kind: 'refused', reason: expect.stringContaining('sourceBytes') }],
    ['load', 'throw new Error("no"); export {}', { kind: 'threw', error: { message: 'no' } }],
    ['load', NEVER, { kind: 'exceeded', limit: 'wallMs' }],
    ['load', 'for (;;); export {}', { kind: 'exceeded' }],
    ['accept', 'export const accept = () => { throw new Error("no") }', { kind: 'threw', error: { message: 'no' } }],
    ['accept', 'export const accept = () => new Promise(() => {})', { kind: 'exceeded', limit: 'wallMs' }],
    [
      'accept',
      'export const accept = () => { for (;;) try { for (;;) [].concat([1]) } catch {} }',
      { kind: 'exceeded' },
    ],
  ])(
    'goes on with its old program, and its state, when the new one fails at %s (case %#)',
    async (stage, text, outcome) => {
      await using session = await shared().open(ONE, { limits: { wallMs: 400, sourceBytes: 2000 } })
      await answer(session, 'next')
      await session.evaluate('const declared = 1')
      expect(await session.replace(text)).toMatchObject({ kind: 'kept', stage, outcome })
      expect(await answer(session, 'next')).toBe(2)
      expect(brief((await session.evaluate('declared')).outcome)).toBe(1)
      expect(await session.replace(TWO)).toEqual({ kind: 'replaced', handedOver: true })
      expect(await answer(session, 'next')).toBe(12)
    },
  )

  test('goes on when its own dispose throws, and ends with one that hangs, as with any call', async () => {
    await using throwing = await shared().open(
      'export const dispose = () => { throw new Error("no") }; export const a = 1',
    )
    await answer(throwing, 'a')
    expect(await throwing.replace(TWO)).toMatchObject({ kind: 'kept', stage: 'dispose', outcome: { kind: 'threw' } })
    expect(await answer(throwing, 'a')).toBe(1)
    const limits = { wallMs: 300 }
    await using hanging = await shared().open('export const dispose = () => { for (;;); }; export const a = 1', {
      limits,
    })
    await answer(hanging, 'a')
    expect(await hanging.replace(TWO)).toMatchObject({ kind: 'kept', stage: 'dispose', outcome: { kind: 'exceeded' } })
    expect(await hanging.ended).toMatchObject({ kind: 'exceeded' })
    await expect(hanging.replace(TWO)).rejects.toMatchObject({ code: 'RF_SESSION_ENDED' })
  })

  test.skipIf(startsSlowly)('is replaced where its program could not run, or has not run yet', async () => {
    await using refused = await shared().open('export default (')
    expect(await refused.replace(TWO)).toEqual({ kind: 'replaced', handedOver: false })
    expect(await answer(refused)).toBe('two')
    await using unused = await shared().open('throw 1; export const dispose = () => { throw 1 }')
    expect(await unused.replace(TWO)).toEqual({ kind: 'replaced', handedOver: false })
    expect(await answer(unused)).toBe('two')
  })

  test.skipIf(startsSlowly)(
    'is replaced by those that queue, one after the other, each with the state of the one before',
    async () => {
      await using session = await shared().open(ONE)
      await answer(session, 'next')
      const replacements = [session.replace(TWO), session.replace('throw 1; export {}'), session.replace(`${TWO}\n//`)]
      expect((await Promise.all(replacements)).map(({ kind }) => kind)).toEqual(['replaced', 'kept', 'replaced'])
      expect(await answer(session, 'next')).toBe(11)
    },
  )

  test.skipIf(startsSlowly)(
    'counts what a new program uses as its own, and gives it no more than is left',
    async () => {
      await using session = await shared().open('', { session: { cpuMs: 200 } })
      const text = 'for (const until = Date.now() + 5000; Date.now() < until;); export {}'
      expect(await session.replace(text)).toMatchObject({ kind: 'kept', stage: 'load', outcome: { kind: 'exceeded' } })
      expect(session.usage().cpuMs).toBeGreaterThan(0)
      expect(session.usage().calls).toBe(0)
    },
  )

  test.each<[string, (broker: Broker, session: Session) => Promise<unknown>]>([
    ['its handle', (_, session) => session.kill('enough')],
    ['its closing', (_, session) => session.close()],
    ['a switch', (broker) => broker.block({ tenant: 'acme' }, 'stop')],
    ['the closing of the broker', (broker) => broker.close()],
  ])('is ended by %s while it is replaced, and nothing of it remains', async (_, end) => {
    await using scene = await openSessions(variant)
    const { broker } = scene
    const session = await scene.open(ONE, { tenant: 'acme' })
    const replacements = [session.replace(NEVER), session.replace(TWO)]
    await expect.poll(() => broker.stats().running, PATIENCE).toBe(1)
    await end(broker, session)
    expect(broker.stats().tiers.flatMap(({ carriers }) => carriers.filter(({ sandboxes }) => sandboxes > 0))).toEqual(
      [],
    )
    expect(await Promise.all(replacements)).toMatchObject([
      { kind: 'kept', outcome: { kind: 'killed' } },
      { kind: 'kept', outcome: { kind: 'killed' } },
    ])
    expect(session.state).toBe('ended')
    await expect(session.replace(TWO)).rejects.toMatchObject({ code: 'RF_SESSION_ENDED' })
  })

  test.skipIf(startsSlowly)(
    'goes on when a switch reaches the new program alone, also while that waits for its turn',
    async () => {
      await using scene = await openSessions(variant)
      const { broker } = scene
      const next = `console.log("loaded")\n${TWO}`
      const { hash = '' } = await scene.load(next)
      const loaded: string[] = []
      broker.on('ended', ({ logs }) => loaded.push(...logs.map(({ text }) => text)))
      const gate = Promise.withResolvers<void>()
      const functions = { gate: () => gate.promise }
      await using session = await scene.open(`import { gate } from 'host'\n${ONE}`, { functions })
      const call = session.evaluate('(await import("host")).gate()')
      const replacing = session.replace(next)
      await expect.poll(() => loaded, PATIENCE).toHaveLength(1)
      await broker.block({ program: hash }, 'known to be bad')
      gate.resolve()
      expect(await replacing).toMatchObject({
        kind: 'kept',
        stage: 'accept',
        outcome: { kind: 'killed', by: 'switch' },
      })
      expect((await call).outcome.kind).toBe('returned')
      expect(await answer(session)).toBe('one')
      expect(await session.replace(next)).toMatchObject({
        kind: 'kept',
        stage: 'policy',
        outcome: { kind: 'refused', reason: expect.stringContaining('known to be bad') },
      })
    },
  )
})

test.each([
  [undefined, 2],
  [1, 1],
])('with %s isolate hosts at most, versions stand apart in %i', async (hosts, apart) => {
  await using broker = await createBroker({ isolate: hosts === undefined ? {} : { hosts } })
  const gate = Promise.withResolvers<void>()
  const functions = { gate: () => gate.promise }
  await using session = await broker.open(ONE, { functions })
  await answer(session, 'next')
  const replacing = session.replace(`import { gate } from 'host'; await gate()\n${TWO}`)
  await expect.poll(() => broker.stats().running, PATIENCE).toBe(1)
  const carriers = broker.stats().tiers.flatMap((tier) => tier.carriers)
  expect(carriers.filter(({ sandboxes }) => sandboxes > 0)).toHaveLength(apart)
  gate.resolve()
  expect(await replacing).toEqual({ kind: 'replaced', handedOver: true })
  expect(await answer(session, 'next')).toBe(11)
})
