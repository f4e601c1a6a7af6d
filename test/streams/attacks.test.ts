import { describe, expect, test } from 'vitest'
import type { RunningStream } from '../../src/index.ts'
import { VARIANTS } from '../contract/scene.ts'
import { shareSessions } from '../sessions/session-scene.ts'

/** What a guest does with a stream of its own that it should not, and how that ends for its reader, who takes three chunks. */
const ATTACKS: readonly (readonly [title: string, source: string, chunks: readonly unknown[], ending: object])[] = [
  [
    'gives a chunk that is larger than all may be',
    'export default function* () { yield "x".repeat(1e7) }',
    [],
    { kind: 'exceeded', limit: 'outputBytes' },
  ],
  [
    'gives a chunk that cannot leave',
    'export default function* () { yield 1; yield () => 1 }',
    [1],
    { kind: 'threw', error: { name: 'DataCloneError' } },
  ],
  [
    'gives a thenable that never settles',
    'export default async function* () { yield 1; yield { then() {} } }',
    [1],
    { kind: 'exceeded', limit: 'idleMs' },
  ],
  [
    'is called back by its own thenable without an end',
    'const t = { get then() { return (f) => f(t) } }; export default () => ({ [Symbol.asyncIterator]: () => ({ next: () => t }) })',
    [],
    { kind: 'exceeded' },
  ],
  [
    'never closes',
    'export default () => ({ [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }), return: () => { for (;;); } }) })',
    [1, 1, 1],
    { kind: 'exceeded' },
  ],
  [
    'closes by waiting for ever',
    'export default () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1 }), return: () => new Promise(() => {}) }) })',
    [1, 1, 1],
    { kind: 'exceeded', limit: 'idleMs' },
  ],
  [
    'goes on after it was told to stop',
    'export default async function* () { for (;;) try { yield 1 } finally { continue } }',
    [1, 1, 1],
    { kind: 'returned' },
  ],
  [
    'replaces what streams are made of',
    `Promise.prototype.then = () => { throw 1 }; Object.prototype.then = undefined; Array.prototype[Symbol.iterator] = () => { throw 2 }
     String.prototype.slice = () => 'evil'; Map.prototype.set = () => { throw 3 }; JSON.stringify = () => 'evil'
     export default function* () { yield 1; yield 2 }`,
    [1, 2],
    { kind: 'returned' },
  ],
  [
    'has an iterator that throws when it is looked at',
    'export default () => ({ get [Symbol.asyncIterator]() { throw new Error("looked at") } })',
    [],
    { kind: 'threw', error: { message: 'looked at' } },
  ],
  [
    'answers with no step',
    'export default () => ({ [Symbol.asyncIterator]: () => ({ next: () => 1 }) })',
    [],
    { kind: 'threw', error: { name: 'TypeError' } },
  ],
]

describe.each(VARIANTS)('a guest in %s that streams', (variant) => {
  const shared = shareSessions(variant)
  const stream = (source: string): RunningStream =>
    shared().broker.stream(source, {
      trust: 'trusted',
      tier: shared().tier,
      limits: { outputBytes: 1e6, idleMs: 200, wallMs: 1500 },
    })

  test.each(ATTACKS)('and %s', async (_, source, expected, ending) => {
    const running = stream(source)
    const chunks: unknown[] = []
    for await (const chunk of running) if (chunks.push(chunk) === 3) break
    expect((await running.result).outcome).toMatchObject(ending)
    expect(chunks).toEqual(expected)
  })

  test('finds no function by which it could', async () => {
    await using session = await shared().open('')
    const { outcome } = await session.evaluate('await import("ringfence:stream").catch((error) => error.message)')
    expect(outcome).toMatchObject({ kind: 'returned', value: expect.stringContaining('Cannot find module') })
  })

  test('and left something running gives nothing to a later stream', async () => {
    await using session =
      await shared().open(`export const leave = () => { setTimeout(() => { globalThis.late = 1 }, 1) }
      export function* next() { yield globalThis.late ?? 'nothing' }`)
    await session.call('leave')
    expect(await Array.fromAsync(session.stream('next'))).toEqual(['nothing'])
  })
})
