import assert from 'node:assert/strict'
import type { Check, Guarantee } from '../guarantee.ts'
import { threw, valueOf } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

const ECHO = guest('echoes')

/** Each kind of value, and an expression by which a guest makes the same one. */
const KINDS: readonly (readonly [kind: string, make: () => unknown, expression: string])[] = [
  ['undefined', () => undefined, 'undefined'],
  ['null', () => null, 'null'],
  ['NaN and the infinities', () => [Number.NaN, 1 / 0, -1 / 0], '[NaN, 1 / 0, -1 / 0]'],
  ['a negative zero', () => -0, '-0'],
  ['texts of any code unit', () => ['', '\u0000', '\ud800', '😀'], '["", "\\0", "\\ud800", "😀"]'],
  ['big integers', () => [2n ** 80n, -1n, 0n], '[2n ** 80n, -1n, 0n]'],
  ['dates, valid or not', () => [new Date(0), new Date(Number.NaN)], '[new Date(0), new Date(NaN)]'],
  ['regular expressions', () => /a+\/b/giu, '/a+\\/b/giu'],
  [
    'maps',
    () =>
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, new Map()],
      ]),
    'new Map([["a", 1], [{ k: 1 }, new Map()]])',
  ],
  ['sets', () => new Set([1, 'a', [2]]), 'new Set([1, "a", [2]])'],
  ['errors', () => new RangeError('too far', { cause: 'haste' }), 'new RangeError("too far", { cause: "haste" })'],
  ['buffers', () => new Uint8Array([1, 2, 255]).buffer, 'new Uint8Array([1, 2, 255]).buffer'],
  [
    'typed arrays',
    () => [new Uint8Array([1]), new Float64Array([0.5, -0]), new BigInt64Array([-1n])],
    '[new Uint8Array([1]), new Float64Array([0.5, -0]), new BigInt64Array([-1n])]',
  ],
  [
    'views of data',
    () => new DataView(new Uint8Array([1, 2, 3]).buffer, 1),
    'new DataView(new Uint8Array([1, 2, 3]).buffer, 1)',
  ],
  [
    'boxed primitives',
    () => [Object(1), Object('a'), Object(false), Object(1n)],
    '[Object(1), Object("a"), Object(false), Object(1n)]',
  ],
  ['lists with holes', () => Object.assign([], { 2: 'c', length: 4 }), 'Object.assign([], { 2: "c", length: 4 })'],
  [
    'objects with keys of any name',
    () => JSON.parse('{ "__proto__": 1, "constructor": 2, "": 3, "0": 4 }'),
    'JSON.parse(\'{ "__proto__": 1, "constructor": 2, "": 3, "0": 4 }\')',
  ],
]

const crossing: readonly Check[] = KINDS.map(([kind, make, expression]) => ({
  title: `brings ${kind} in and out`,
  check: async (scene) => {
    const expected = structuredClone(make())
    assert.deepEqual(await valueOf(scene, ECHO, { input: make() }), expected)
    assert.deepEqual(await valueOf(scene, `export default () => (${expression})`), expected)
  },
}))

const shapes: readonly Check[] = [
  {
    title: 'keeps cycles, and what is shared stays shared',
    check: async (scene) => {
      const shared = { n: 1 }
      const input: Record<string, unknown> = { first: shared, second: shared }
      input['self'] = input
      const value = await valueOf(scene, ECHO, { input })
      assert.deepEqual(value, input)
      const source = `export default ({ first, second, self }) => {
        const buffer = new ArrayBuffer(8)
        return [first === second, self.self === self, new Uint8Array(buffer), new DataView(buffer, 4)]
      }`
      const answer = await valueOf(scene, source, { input })
      assert.ok(Array.isArray(answer))
      const [sameGuest, cycleGuest, bytes, view]: unknown[] = answer
      assert.deepEqual([sameGuest, cycleGuest], [true, true])
      assert.ok(bytes instanceof Uint8Array && view instanceof DataView)
      assert.equal(bytes.buffer, view.buffer)
    },
  },
  {
    title: 'gives the guest values of its own realm',
    check: async (scene) => {
      const input = [new Map(), new Set(), new Date(), /a/, new RangeError('no'), new Uint8Array(1), {}, []]
      const source = `export default (input) =>
        [Map, Set, Date, RegExp, RangeError, Uint8Array, Object, Array].map((kind, i) => input[i] instanceof kind)`
      assert.deepEqual(
        await valueOf(scene, source, { input }),
        input.map(() => true),
      )
    },
  },
  {
    title: 'carries own data only: no class, no getter, no symbol key',
    check: async (scene) => {
      const source = `export default () => {
        class Price { cents = 5; get euros() { return 0.05 } }
        return Object.assign(new Price(), { [Symbol('hidden')]: 1 })
      }`
      assert.deepEqual(await valueOf(scene, source), { cents: 5 })
    },
  },
  {
    title: 'never calls toJSON',
    check: async (scene) => {
      const source = 'export default () => Object.defineProperty({ a: 1 }, "toJSON", { value: () => { for (;;); } })'
      assert.deepEqual(await valueOf(scene, source), { a: 1 })
    },
  },
]

const UNCLONEABLE = [
  '() => {}',
  'Symbol("s")',
  '{ deep: [() => {}] }',
  'new Map([[Symbol("s"), 1]])',
  'new WeakMap()',
  '[Promise.resolve()]',
]

async function expectDataCloneError(scene: Scene, expression: string): Promise<void> {
  const { name, message } = threw(await scene.run(`export default () => (${expression})`))
  assert.equal(name, 'DataCloneError')
  assert.match(message, /^Cannot clone value: /)
}

const refusals: readonly Check[] = [
  ...UNCLONEABLE.map((expression) => ({
    title: `answers ${expression} with a DataCloneError`,
    check: (scene: Scene) => expectDataCloneError(scene, expression),
  })),
  {
    title: 'tells the caller when the input cannot cross',
    check: async (scene) => {
      await assert.rejects(scene.run(ECHO, { input: { callback: () => {} } }), {
        name: 'RingfenceError',
        code: 'RF_DATA_NOT_CLONEABLE',
      })
    },
  },
]

/** What crosses a wall. */
export const VALUES: readonly Guarantee[] = [
  { row: 'Carries values both ways with the meaning of structured clone', checks: [...crossing, ...shapes] },
  { row: 'Answers what cannot be cloned, such as a function or a symbol, with a DataCloneError', checks: refusals },
]
