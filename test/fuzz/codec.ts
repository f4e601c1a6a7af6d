import assert from 'node:assert/strict'
import { getHeapStatistics } from 'node:v8'
import * as fc from 'fast-check'
import { decode, encode } from '../../src/core/codec.ts'
import { RingfenceError } from '../../src/core/errors.ts'
import { type Realm, realmKinds } from '../guest/realms.ts'
import { describeGraph, sizeOf } from './describe-graph.ts'
import { edits, spoil } from './edits.ts'
import type { Target } from './target.ts'
import { values } from './value-recipes.ts'

/** No text of this size may keep a decoder longer, however busy the machine is. */
const PATIENCE_MS = 10_000
/** What decoding may take: so much per character, besides what else happens in the process meanwhile. */
const BYTES_PER_CHARACTER = 1000
const SLACK_BYTES = 64 * 2 ** 20

const PROTOTYPES = [Object, Array, Function, Map, Set, Error, Promise, String, Number, RegExp, Date]

/** The names of all that the prototypes of this realm hold. */
const prototypesNow = (): string =>
  PROTOTYPES.map(({ prototype }) =>
    Reflect.ownKeys(prototype as object)
      .map(String)
      .join(),
  ).join(';')
const PROTOTYPES_BEFORE = prototypesNow()

const heapBytes = (): number => {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

/** Decodes what may be anything: to data in proportion to the text, or to the one error there is. */
function decodeHostile(text: string): void {
  const [since, before] = [performance.now(), heapBytes()]
  let decoded: { readonly value: unknown } | undefined
  try {
    decoded = { value: decode(text) }
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error
    assert.equal(error.code, 'RF_PROTOCOL_VIOLATION')
  }
  // Before it is cloned: V8 makes 234 MB of a clone of thirty million holes, which the codec keeps sparse.
  const grown = heapBytes() - before
  assert.ok(grown <= SLACK_BYTES + BYTES_PER_CHARACTER * text.length, `${text.length} characters took ${grown} bytes`)
  assert.ok(performance.now() - since < PATIENCE_MS, 'decoding took too long')
  if (decoded !== undefined) {
    const { objects, bytes } = sizeOf(structuredClone(decoded.value))
    assert.ok(objects <= text.length && bytes <= text.length, `${objects} objects, ${bytes} bytes`)
  }
  assert.equal(prototypesNow(), PROTOTYPES_BEFORE)
}

const index = fc.oneof(fc.nat(6), fc.integer(), fc.constantFrom(2 ** 32 - 1, 2 ** 53, 1.5))
const text = fc.oneof(
  fc.constantFrom('__proto__', 'length', 'constructor', 'Error', 'DataView', 'Float64Array', 'AAAA', 'AAAAAAAAAAA='),
  fc.constantFrom('(', '\\p{L}', '[a--b]', 'u', 'v', 'gg', '-ff', 'f'.repeat(64), 'stack', 'cause', '__defineGetter__'),
  fc.string({ unit: 'binary' }),
)
const cell = fc.oneof(
  fc.tuple(index),
  fc.constantFrom<unknown>(null, true, ['u'], ['NaN'], ['-0'], ['Infinity'], [], {}, ['z']),
  fc.tuple(fc.constant('n'), text),
  index,
  text,
)
const tag = fc.constantFrom('O', 'A', 'X', 'M', 'S', 'D', 'R', 'B', 'E', 'b', 'V', 'Q')
/** Rows as our codec writes them, and rows that are nearly so. */
const row = fc.oneof(
  fc.tuple(tag, fc.array(cell, { maxLength: 6 })).map(([kind, cells]) => [kind, ...cells]),
  fc.tuple(fc.constant('X'), index, text, cell),
  fc.tuple(fc.constant('V'), text, index, index, index),
  fc.tuple(fc.constant('E'), text, fc.array(cell, { maxLength: 4 }), text, cell),
  fc.tuple(fc.constant('R'), text, fc.constantFrom('', 'g', 'u', 'v', 'uv', 'dgimsy', 'x')),
)
const bytes = fc.array(fc.oneof(text, fc.tuple(text, index)), { maxLength: 3 })
const forgedTables = fc
  .tuple(cell, fc.array(row, { maxLength: 8 }), bytes)
  .map(([root, rows, entries]) => `T${JSON.stringify([[root, ...rows], entries])}`)

const FOREIGN = [
  ...Array.from('[]{}",:\\-0129eTJSnuOAXMDRBEbV'),
  '["X",4294967295]',
  '["X",29236925]',
  '"__proto__"',
  '[1]',
  '["u"]',
  '\ud800',
]
const spoiledTexts = fc
  .tuple(values, edits)
  .map(([value, by]) => spoil(Array.from(encode(value)), by, FOREIGN).join(''))

let realms: readonly Realm[] | undefined

const recode = (given: string): string => `guest.encodeData(guest.decodeData(${JSON.stringify(given)}), 1e9)`

export const codec: Target = {
  name: 'codec',
  checks: [
    {
      title: 'what is encoded and decoded means what its structured clone means',
      runs: 1500,
      property: () =>
        fc.property(values, (value) => {
          assert.equal(describeGraph(decode(encode(value))), describeGraph(structuredClone(value)))
        }),
    },
    {
      title: 'a guest that hands back what it was given hands back the same',
      runs: 150,
      property: () =>
        fc.property(values, (value) => {
          realms ??= realmKinds.map(({ open }) => open())
          const given = encode(value)
          const expected = describeGraph(decode(given))
          for (const realm of realms) assert.equal(describeGraph(decode(realm.run(recode(given)))), expected)
        }),
    },
    {
      title: 'a text that was spoiled is data or a violation, and costs in proportion',
      runs: 1500,
      property: () => fc.property(spoiledTexts, decodeHostile),
    },
    {
      title: 'a text that was forged is data or a violation, and costs in proportion',
      runs: 1500,
      property: () => fc.property(forgedTables, decodeHostile),
    },
    {
      title: 'any text at all is data or a violation',
      runs: 1000,
      property: () =>
        fc.property(
          fc.constantFrom('', 'S', 'J', 'T', 'T['),
          fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
          (form, rest) => decodeHostile(form + rest),
        ),
    },
  ],
}
