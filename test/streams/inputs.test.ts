import { describe, expect, test } from 'vitest'
import { VARIANTS } from '../contract/scene.ts'
import { brief, shareSessions } from '../sessions/session-scene.ts'

const SUMS = 'export default async (items) => { let sum = 0; for await (const { n } of items) sum += n; return sum }'

/** Items, and what became of who makes them. */
function counting(upTo: number): { readonly items: AsyncGenerator<{ n: number }>; readonly made: unknown[] } {
  const made: unknown[] = []
  async function* make(): AsyncGenerator<{ n: number }> {
    try {
      for (let n = 1; n <= upTo; n += 1) {
        made.push(n)
        yield { n }
      }
    } finally {
      made.push('closed')
    }
  }
  return { items: make(), made }
}

describe.each(VARIANTS)('an input that is a stream in %s', (variant) => {
  const shared = shareSessions(variant)

  test('is read as the guest asks, by runs, warm calls and sessions, and is no host call', async () => {
    await using program = await shared().load(SUMS)
    await using session = await shared().open(SUMS)
    const limits = { hostCalls: 1 }
    for (const call of [
      () => shared().run(SUMS, { input: counting(50).items, limits }),
      () => program.call(ReadableStream.from(counting(50).items), { limits }),
      () => session.call('default', counting(50).items, { limits }),
      () => session.call('default', counting(50).items, { limits }),
    ]) {
      expect((await call()).outcome).toEqual({ kind: 'returned', value: 1275 })
    }
  })

  test('goes through a guest, item by item, into its result', async () => {
    const { items, made } = counting(1e9)
    const source = 'export default async function* (items) { for await (const { n } of items) yield n * n }'
    const stream = shared().broker.stream(source, { trust: 'trusted', tier: shared().tier, input: items })
    for await (const square of stream) if (square === 25) break
    expect((await stream.result).outcome.kind).toBe('returned')
    expect(made.length).toBeLessThan(15)
    expect(made.at(-1)).toBe('closed')
  })

  test('is closed when its call ends, and not begun by one who does not ask', async () => {
    const kept = counting(9)
    const first = 'export default async (items) => (await items.next()).value.n'
    expect(brief((await shared().run(first, { input: kept.items })).outcome)).toBe(1)
    expect(kept.made).toEqual([1, 'closed'])
    const untouched = counting(2)
    expect(brief((await shared().run('export default () => 1', { input: untouched.items })).outcome)).toBe(1)
    expect(untouched.made).toEqual([])
    expect(await Array.fromAsync(untouched.items)).toHaveLength(2)
  })

  test('may fail: the guest sees the name and the message', async () => {
    const failing = (async function* () {
      yield { n: 1 }
      throw new RangeError('no more')
    })()
    expect(brief((await shared().run(SUMS, { input: failing })).outcome)).toBe('RangeError: no more')
    const strange = (async function* () {
      yield { n: () => 1 }
    })()
    expect(brief((await shared().run(SUMS, { input: strange })).outcome)).toMatch(/^DataCloneError/)
  })

  test('is bounded in bytes, and in the time that it takes', async () => {
    const { outcome } = await shared().run(SUMS, { input: counting(1e9).items, limits: { inputBytes: 1000 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'inputBytes' })
    const never = new ReadableStream({ pull: () => new Promise(() => {}) })
    const slow = await shared().run(SUMS, { input: never, limits: { wallMs: 200 } })
    expect(slow.outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
  })

  test('is asked for one at a time, however many the guest wants at once, and not after the end', async () => {
    const source = `export default async (items) => {
      const steps = await Promise.all(Array.from({ length: 1000 }, () => items.next()))
      return [steps.filter(({ done }) => !done).length, (await items.next()).done]
    }`
    const { outcome } = await shared().run(source, { input: counting(20).items, limits: { hostCalls: 1 } })
    expect(outcome).toEqual({ kind: 'returned', value: [20, true] })
  })
})
