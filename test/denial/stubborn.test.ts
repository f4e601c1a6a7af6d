import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene } from '../contract/scene.ts'
import { endOf } from './expect-end.ts'

/** On a quiet machine it is a few milliseconds. */
const CEILING_MS = 5000
const WALL_MS = 100
const LIMITS = { wallMs: WALL_MS, memoryBytes: 512 * 2 ** 20 }

/** One built-in each, that no timeout, `dispose()` or `terminate()` ends before it is done, some of them in years. */
const STUBBORN: readonly (readonly [title: string, expression: string])[] = [
  ['a walk over an array-like without end', 'Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => {})'],
  ['a search from the end of an absurd array', 'Array.prototype.reduceRight.call({ length: 2 ** 53 - 1 }, () => 1, 1)'],
  ['an array-like turned round', 'Array.prototype.reverse.call({ length: 2 ** 53 - 1 })'],
  ['an array of nothing, cut', 'new Array(2 ** 32 - 1).slice(1)'],
  ['an array of nothing, copied and changed', 'new Array(2 ** 32 - 1).with(0, 1)'],
  ['a replacement of everything', '"a".repeat(2 ** 28).replace(/a/g, "bb")'],
  ['a big integer as text', '((1n << 200_000_000n) - 1n).toString()'],
  ['products of big integers', '((n) => n * n * n * n)((1n << 30_000_000n) - 1n)'],
  ['normal forms of long text', '"\\ufdfa".repeat(5_000_000).normalize("NFKD")'],
  [
    'a search whose pattern nearly fits everywhere',
    '(("a".repeat(2 ** 20)) + "c").includes(`${"a".repeat(2 ** 18)}b${"a".repeat(2 ** 18)}`)',
  ],
  ['a template without end', 'String.raw({ raw: { length: 2 ** 53 - 1 } })'],
  ['the keys of a long text', 'Object.keys("x".repeat(2 ** 27))'],
  ['JSON of millions of objects', 'JSON.parse(`[${"{},".repeat(3_000_000)}1]`)'],
]

describe.each(['isolate', 'process'] as const)('in the tier %s', (tier) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(tier)
    await scene.run('1')
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it.each(STUBBORN)(
    'control is back soon after the deadline of %s, and others are served meanwhile',
    async (_, attack) => {
      const state = { done: false }
      const attacked = scene.run(`export default () => { ${attack} }`, { limits: LIMITS }).finally(() => {
        state.done = true
      })
      const served: string[] = []
      do {
        const { outcome } = await scene.run('input + 1', { input: 1, limits: { wallMs: CEILING_MS } })
        served.push(endOf(outcome))
      } while (!state.done)
      const { outcome, usage } = await attacked
      expect(['wallMs', 'memoryBytes']).toContain(endOf(outcome))
      expect(usage.wallMs).toBeLessThan(WALL_MS + CEILING_MS)
      expect(served).toContain('returned 2')
      const next = await scene.run('input + 1', { input: 2 })
      expect(next.outcome).toEqual({ kind: 'returned', value: 3 })
    },
  )
})
