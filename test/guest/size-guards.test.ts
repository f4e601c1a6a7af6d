import { describe, expect, it } from 'vitest'
import { realmKinds } from './realms.ts'

const TEXTS = [
  "'abc'",
  "'\\u0149\\u1e9e'",
  "'%41%zz'",
  '\'{"a":[1,2]}\'',
  'undefined',
  'null',
  '12',
  '{}',
  'Symbol.iterator',
  "new String('x')",
]
const CALLS = [
  'String.prototype.toUpperCase.call(T)',
  'String.prototype.toLowerCase.call(T)',
  "String.prototype.toLocaleUpperCase.call(T, 'tr')",
  "String.prototype.toLocaleLowerCase.call(T, ['lt'])",
  "String.prototype.normalize.call(T, 'NFKD')",
  "String.prototype.normalize.call(T, 'no')",
  'encodeURI(T)',
  'encodeURIComponent(T)',
  'decodeURI(T)',
  'decodeURIComponent(T)',
  'escape(T)',
  'unescape(T)',
  'Symbol.keyFor(Symbol.for(T))',
  'JSON.parse(T)',
  'JSON.parse(T, (key, value) => (key === "a" ? value.length : value))',
]
const PLACES = [
  "String.prototype, 'toUpperCase'",
  "String.prototype, 'normalize'",
  "globalThis, 'escape'",
  "Symbol, 'for'",
  "JSON, 'parse'",
]

const told = (call: string): string =>
  `(() => { try { return JSON.stringify(${call}) ?? 'nothing' } catch (error) { return error.name + error.message } })()`
const ALL = `JSON.stringify([${CALLS.flatMap((call) => TEXTS.map((text) => told(call.replace('T', text)))).join()}])`

describe.each(realmKinds)('a $kind in which reading is bounded', ({ open }) => {
  const realm = open('hardenBuiltins(); boundReading(2 ** 20)')
  const plain = open('')

  it('answers for ordinary texts what an engine answers', () => {
    expect(JSON.parse(realm.run(ALL))).toEqual(JSON.parse(plain.run(ALL)))
  })

  it.each(PLACES)('keeps the look of %s', (place) => {
    const look = `(() => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(${place})
      return JSON.stringify([rest, value.name, value.length, Reflect.ownKeys(value), String(value)])
    })()`
    expect(realm.run(look)).toBe(plain.run(look))
  })

  it.each(CALLS)('refuses %s of a text that is too long for the guest to hold, however it is given', (call) => {
    const long = "'x'.repeat(2 ** 18 + 1)"
    expect(realm.run(told(call.replace('T', long)))).toBe('RangeErrorInvalid string length')
    expect(realm.run(told(call.replace('T', `{ toString: () => ${long} }`)))).toBe('RangeErrorInvalid string length')
  })

  it('shows a text in a box without listing its characters', () => {
    const text = realm.run("guest.inspect(Object.assign(Object('x'.repeat(2 ** 28)), { a: 1 }))")
    expect(text).toMatch(/^\[String: .* more characters\]$/)
    expect(realm.run("guest.inspect(Object.assign(Object('xy'), { a: 1 }))")).toBe("[String: 'xy'] { a: 1 }")
  })
})
