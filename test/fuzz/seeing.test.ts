import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeGraph, sizeOf } from './describe-graph.ts'
import { type Check, runCheck } from './target.ts'
import { values } from './value-recipes.ts'

const wrong: Check = {
  title: 'no number is above five',
  runs: 100,
  property: () =>
    fc.property(fc.nat(100), (n) => {
      assert.ok(n <= 5, 'above five')
    }),
}

it('a check that does not hold fails, shrunk, and its path leads back to the same case', async () => {
  const { failure } = await runCheck(wrong, { seed: 1 })
  expect(failure?.report).toMatch(/Counterexample: \[6\][^]*above five/)
  const again = await runCheck(wrong, { seed: 1, path: failure?.path })
  expect(again.failure?.report).toMatch(/Counterexample: \[6\]/)
  expect(again.runs).toBe(1)
})

it('a check whose time is over has not failed', async () => {
  const slow: Check = { ...wrong, property: () => fc.asyncProperty(fc.nat(), () => new Promise(() => {})) }
  expect((await runCheck(slow, { seed: 1, withinMs: 10 })).failure).toBeUndefined()
})

it.each([
  [
    'a shared object from two equal ones',
    () => [
      Array.from(
        { length: 2 },
        (
          (one) => () =>
            one
        )({}),
      ),
      [{}, {}],
    ],
  ],
  ['zero from minus zero', () => [[0], [-0]]],
  ['a hole from undefined', () => [Array(1), [undefined]]],
  ['a map from an object', () => [new Map([['a', 1]]), { a: 1 }]],
  ['a number from its text', () => [{ a: 1 }, { a: '1' }]],
  ['an own __proto__ from none', () => [JSON.parse('{"__proto__":{}}'), {}]],
  ['bytes from other bytes', () => [new Uint8Array([1]), new Uint8Array([2])]],
  ['causes', () => [new Error('a', { cause: 1 }), new Error('a', { cause: 2 })]],
])('graphs tell %s', (_, make) => {
  const [one, other] = make()
  expect(describeGraph(one)).not.toBe(describeGraph(other))
})

it('the size of a value counts what is shared once, and the bytes behind its views', () => {
  const shared = new Uint8Array(8)
  expect(sizeOf([shared, shared, new Map([[{}, 1]])])).toEqual({ objects: 5, bytes: 8 })
})

it('the values that are generated hold cycles, shared objects, holes and every kind', () => {
  const seen = fc.sample(values, { seed: 1, numRuns: 2000 }).map(describeGraph).join('\n')
  for (const kind of ['Map', 'Set', 'array', 'date NaN', 'regexp', 'buffer', 'Float64Array', 'TypeError', 'BigInt ']) {
    expect(seen).toContain(kind)
  }
  expect(seen).toMatch(/#0 .*: #0/)
  expect(seen).toContain('"__proto__"')
  expect(seen).toContain('\\ud800')
  expect(seen).toContain('-0')
})
