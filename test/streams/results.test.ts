import { describe, expect, test } from 'vitest'
import type { Execution, RunningStream } from '../../src/index.ts'
import { VARIANTS } from '../contract/scene.ts'
import { shareSessions } from '../sessions/session-scene.ts'

const COUNTS = `export default async function* (n) {
  try { for (let i = 0; i < n; i += 1) { console.log('makes', i); yield { i } } } finally { console.log('closes') }
}`

/** The chunks of a stream, and its receipt. */
async function read(stream: RunningStream): Promise<{ readonly chunks: readonly unknown[]; readonly end: Execution }> {
  return { chunks: await Array.fromAsync(stream), end: await stream.result }
}

const texts = ({ logs }: Execution): readonly string[] => logs.map(({ text }) => text)

describe.each(VARIANTS)('a result that is a stream in %s', (variant) => {
  const shared = shareSessions(variant)
  const stream = (source: string, options: object = {}): RunningStream =>
    shared().broker.stream(source, { trust: 'trusted', tier: shared().tier, ...options })

  test.each([
    ['an async generator', 'export default async function* () { yield 1; yield new Map([[2, 3n]]) }'],
    ['a generator', 'export default function* () { yield 1; yield Promise.resolve(new Map([[2, 3n]])) }'],
    ['a promise of a list', 'export default async () => [1, new Map([[2, 3n]])]'],
    ['a ReadableStream', 'export default () => ReadableStream.from([1, new Map([[2, 3n]])])'],
    ['a generator of a script', '(function* () { yield 1; yield new Map([[2, 3n]]) })()'],
  ])('is read from %s', async (_, source) => {
    const { chunks, end } = await read(stream(source))
    expect(chunks).toEqual([1, new Map([[2, 3n]])])
    expect(end.outcome).toEqual({ kind: 'returned', value: undefined })
    expect(end.usage.outputBytes).toBeGreaterThan(0)
  })

  test('has what its generator returns as the value of the outcome', async () => {
    const { chunks, end } = await read(stream('export default function* () { yield 1; return new Map([[2, 3n]]) }'))
    expect([chunks, end.outcome]).toEqual([[1], { kind: 'returned', value: new Map([[2, 3n]]) }])
    const bad = await read(stream('export default async function* () { yield 1; return () => {} }'))
    expect([bad.chunks, bad.end.outcome.kind]).toEqual([[1], 'threw'])
  })

  test('comes while the guest runs, and the receipt is at its end', async () => {
    const gate = Promise.withResolvers<void>()
    const source = 'import { go } from "host"; export default async function* () { yield 1; await go(); yield 2 }'
    const running = stream(source, { functions: { go: () => gate.promise } })
    expect(await running.next()).toEqual({ done: false, value: 1 })
    const late = running.next()
    gate.resolve()
    expect(await late).toEqual({ done: false, value: 2 })
    expect(await running.next()).toEqual({ done: true, value: await running.result })
  })

  test('holds its guest up while nobody reads, and counts by its bytes, not as host calls', async () => {
    const running = stream(COUNTS, { input: 200, limits: { hostCalls: 1 } })
    const made: string[] = []
    for await (const { text } of running.logs) {
      made.push(text)
      if (text === 'makes 3') break
    }
    await shared().run('1')
    await shared().run('1')
    expect(await running.next()).toEqual({ done: false, value: { i: 0 } })
    const { chunks, end } = await read(running)
    expect(chunks).toHaveLength(199)
    expect(end.outcome.kind).toBe('returned')
    expect(texts(end)).toHaveLength(201)
  })

  test('is closed in the guest when its reader breaks off', async () => {
    const running = stream(COUNTS, { input: 1e9 })
    for await (const chunk of running) {
      expect(chunk).toEqual({ i: 0 })
      break
    }
    const end = await running.result
    expect(end.outcome).toEqual({ kind: 'returned', value: undefined })
    expect(texts(end).at(-1)).toBe('closes')
    expect(texts(end).length).toBeLessThan(10)
    expect(await running.next()).toEqual({ done: true, value: end })
  })

  test('ends with what its guest throws, after what came before', async () => {
    const { chunks, end } = await read(stream('export default function* () { yield 1; throw new RangeError("no") }'))
    expect(chunks).toEqual([1])
    expect(end.outcome).toMatchObject({ kind: 'threw', error: { name: 'RangeError', message: 'no' } })
  })

  test('must be iterable: a value is not, nor is a text', async () => {
    for (const value of ['6 * 7', '"text"', 'null']) {
      const { chunks, end } = await read(stream(`export default () => ${value}`))
      expect(chunks).toEqual([])
      expect(end.outcome).toMatchObject({ kind: 'threw', error: { name: 'TypeError' } })
    }
  })

  test('is no result of a plain run, which says how to read it, and says what is wrong with a list as before', async () => {
    const hint = 'Cannot clone value: it is an iterable, which broker.stream reads chunk by chunk'
    for (const answer of ['(function* () {})()', '(async function* () {})()', 'ReadableStream.from([1])']) {
      const { outcome } = await shared().run(`export default () => ${answer}`)
      expect(outcome).toMatchObject({ kind: 'threw', error: { name: 'DataCloneError', message: hint } })
    }
    const { outcome } = await shared().run('export default () => [() => 1]')
    expect(outcome).toMatchObject({ error: { message: 'Cannot clone value: "[0]" is a function' } })
  })

  test('ends with a kill, whoever waits for a chunk', async () => {
    const running = stream('export default async function* () { yield 1; await new Promise(() => {}) }')
    await running.next()
    const waiting = running.next()
    await running.kill('enough')
    expect(await waiting).toEqual({ done: true, value: await running.result })
    expect((await running.result).outcome).toMatchObject({ kind: 'killed', by: 'handle' })
  })

  test('is bounded in bytes as a whole, in the time between two chunks, and in time', async () => {
    const endless = 'export default function* () { for (;;) yield "x".repeat(100) }'
    const flood = await read(stream(endless, { limits: { outputBytes: 2048 } }))
    expect(flood.end.outcome).toEqual({ kind: 'exceeded', limit: 'outputBytes' })
    expect(flood.chunks.length).toBe(20)
    const silent = 'export default async function* () { yield 1; await new Promise(() => {}) }'
    const idle = await read(stream(silent, { limits: { idleMs: 100 } }))
    expect(idle.end.outcome).toEqual({ kind: 'exceeded', limit: 'idleMs' })
    const unread = await stream(endless, { limits: { idleMs: 50, wallMs: 300 } }).result
    expect(unread.outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
  })

  test('comes from warm programs and sessions, whose next calls are as before', async () => {
    await using program = await shared().load(COUNTS, { pool: { min: 1, max: 1 } })
    await using session = await shared().open(`${COUNTS}\nexport const plain = () => 'plain'`)
    for (const make of [() => program.stream(3), () => session.stream('default', 3)]) {
      const { chunks, end } = await read(make())
      expect(chunks).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
      expect(end.outcome.kind).toBe('returned')
      const broken = make()
      for await (const _ of broken) break
      expect(await read(make())).toMatchObject({ chunks })
    }
    expect((await session.call('plain')).outcome).toEqual({ kind: 'returned', value: 'plain' })
    expect((await program.call(1)).outcome.kind).toBe('threw')
  })

  test('of one that is refused, or asked for wrongly, has no chunks', async () => {
    const { chunks, end } = await read(stream('import "nothing"'))
    expect(chunks).toEqual([])
    expect(end.outcome.kind).toBe('refused')
    expect(() => stream('1', { limits: { idleMs: 0.5 } })).toThrow(RangeError)
    expect(() => stream('1', { export: '\0stream:default' })).toThrow(RangeError)
  })
})
