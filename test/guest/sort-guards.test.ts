import { describe, expect, test } from 'vitest'
import { realmKinds } from './realms.ts'

const outcome = (source: string): string =>
  `(() => { try { return JSON.stringify(${source}) ?? 'undefined' } catch (error) { return error.name } })()`

const TARGETS = [
  '[3, 1, 2]',
  '[10, 9, undefined, 1, , "b", null]',
  '["b", "a", "B"]',
  '{ length: 3, 0: "c", 2: "a" }',
  '{ length: "4", 1: 2, 3: 1, 5: 0 }',
  '{ length: -1, 0: 1 }',
  '{ length: 2 ** 53, 0: 2 }.length',
  '{}',
  'new Proxy([3, 1, 2], {})',
  'new Proxy([3, , 2], {})',
  'Object.freeze({ length: 2, 0: 2, 1: 1 })',
  'Object.freeze([2, 1])',
  'new Uint8Array([3, 1, 2])',
  'Object.create({ length: 2, 0: 2, 1: 1 })',
  'null',
  '"ba"',
]
const COMPARATORS = ['', 'undefined', '(a, b) => b - a', '() => 0', '() => { throw new RangeError() }', 'null', '1']

describe.each(realmKinds)('a $kind whose sorts are guarded', ({ open }) => {
  const realm = open()

  test.each([
    'Array.prototype.sort.call({ length: 2 ** 53 - 1 })',
    'Array.prototype.sort.call(new Proxy([], { get: (t, k) => (k === "length" ? 2 ** 28 : t[k]) }))',
    'new Array(2 ** 32 - 1).sort()',
    'new Array(2 ** 26).toSorted()',
  ])('lives on, and stops at its deadline or refuses, in %s', (attack) => {
    const fresh = open()
    const start = performance.now()
    const run = (): string => fresh.runWithin(`(() => { ${attack}; return 'done' })()`, 100)
    expect(run).toThrow(/timed out|timeout|Invalid array length|memory limit/i)
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test('refuses at once a copy that no array can hold', () => {
    expect(realm.run(outcome('Array.prototype.toSorted.call({ length: 2 ** 28 })'))).toBe('RangeError')
  })

  test.each(['sort', 'toSorted'])('answers in Array.prototype.%s what an engine answers', (method) => {
    const calls = TARGETS.flatMap((target) =>
      COMPARATORS.map((compare) => outcome(`Array.prototype.${method}.call(${target}, ${compare})`)),
    )
    const script = `JSON.stringify([${calls.join()}])`
    expect(JSON.parse(realm.run(script))).toEqual(JSON.parse(open('').run(script)))
  })

  test.each(['sort', 'toSorted'])('keeps the look of Array.prototype.%s', (method) => {
    const look = `(() => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(Array.prototype, '${method}')
      return JSON.stringify([rest, value.name, value.length, 'prototype' in value])
    })()`
    expect(realm.run(look)).toBe(open('').run(look))
  })

  test('gives a copy that is an array like any other, and returns what was sorted in place', () => {
    const source = `(() => {
      const like = { length: 2, 0: 2, 1: 1 }
      const copy = Array.prototype.toSorted.call(like)
      return [Array.isArray(copy), copy instanceof Array, copy.join(), Array.prototype.sort.call(like) === like].join()
    })()`
    expect(realm.run(source)).toBe('true,true,1,2,true')
  })
})
