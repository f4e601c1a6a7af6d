import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/core/codec.ts'
import { poison } from './poison.ts'
import { realmKinds } from './realms.ts'

const input = {
  text: 'x',
  list: Object.assign([1], { 2: 3 }),
  map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1n])]]),
  bytes: new Uint8Array([1, 2, 3]),
  view: new DataView(new ArrayBuffer(2)),
  date: new Date(5),
  pattern: /a+/gi,
  boxed: new String('s'),
  error: new AggregateError([new TypeError('inner', { cause: 1 })], 'outer'),
  constructor: 'own',
}

const guestValue = `{
  text: 'x', list: [1, , 3], map: new Map([[{ a: 1 }, new Set([1n])]]), bytes: new Uint8Array([1, 2, 3]),
  date: new Date(5), pattern: /a+/gi, boxed: Object('s'), f() {}, c: class A extends Map {}, s: Symbol('q'),
  error: Object.assign(new TypeError('bad', { cause: [1] }), { code: 'E' }), holes: [, 1], long: 'y'.repeat(90),
  numbers: Array.from({ length: 120 }, (_, index) => index), buffer: new ArrayBuffer(3), promise: Promise.resolve(1),
  get g() { return 1 }, proto: Object.create(null), nested: { a: { b: { c: {} } } }, [Symbol('k')]: 1,
}`

const message = (act: string): string =>
  `(() => { try { return ${act} } catch (error) { return guest.describeThrown(error).message } })()`
const thrown = "(() => { const text = guest.describeThrown(value); return text.name + '|' + text.message })()"
const stack = 'guest.describeThrown(value).stack'
const collect = `let out = ''; const logger = guest.createConsole((level, text) => { out += level + ':' + text + '|' }, () => 5)`
const logging = `(() => {
  logger.group('g'); logger.log('a\\nb', 1); logger.groupEnd(); logger.count(); logger.time('t'); logger.timeLog('t', 1)
  logger.timeEnd('t'); logger.assert(false, 'no %s', 1); logger.table([{ q: 1 }]); logger.dir([1]); logger.countReset('z')
  return out
})()`
const encoded = JSON.stringify(encode(input))
const placeholders = `const args = ['%s %d %i %f %o %O %%', 'a', 1, 2.5, '3', [1], {}, ${guestValue}]`

describe.each(realmKinds)('after a guest replaced every intrinsic of a $kind', ({ open }) => {
  test.each([
    ['a text of the host decodes and encodes', '', `guest.encodeData(guest.decodeData(${encoded}), 1e6)`],
    ['what is no data is refused', 'const value = { q: [() => 1] }', message('guest.encodeData(value, 1000)')],
    ['what is too long is refused', 'const value = ["x".repeat(2000)]', message('guest.encodeData(value, 1000)')],
    ['hostile text is refused', '', message(`guest.decodeData('T[[[1],["V","Uint8Array",0,0,9]],["AAAA"]]')`)],
    ['values are inspected', `const value = ${guestValue}`, 'guest.inspect(value)'],
    ['logs are formatted', placeholders, 'guest.formatLog(args)'],
    ['tables are drawn', 'const rows = [{ a: 1, c: "x" }, 5]', 'guest.tableText(rows)'],
    ['consoles write', collect, logging],
    ['thrown errors are described', 'const value = new RangeError("far")', thrown],
    ['stacks are formatted', 'const value = new RangeError("far")', stack],
    ['what looks like an error is described', 'const value = { name: "M", message: "m", stack: "s" }', thrown],
    ['thrown values are described', 'const value = [1, { q: 2 }]', thrown],
  ])('%s as before', (_what, setUp, act) => {
    const report = 'poisoned.length === 0 ? result : "CALLED " + poisoned[0]'
    const before = open().run(`${setUp}; ${act}`)
    const after = open().run(`${setUp}; ${poison}; const result = ${act}; ${report}`)
    expect(after).toBe(before)
  })

  test('a text of the host means what it meant', () => {
    const text = open().run(`${poison}; guest.encodeData(guest.decodeData(${encoded}), 1e6)`)
    expect(decode(text)).toEqual(decode(encode(input)))
  })

  // Not the same text: JSON.stringify is trusted only while nothing is in its way.
  test.each(['{ k: [1, "two", { k: null }] }', '[[1, 2], { k: true }]', '"lone \\ud800"', '-0', 'new Map([[1, 2]])'])(
    'the guest sends out the same %s',
    (source) => {
      const setUp = `const value = (${source})`
      const before = open().run(`${setUp}; guest.encodeData(value, 1e5)`)
      const after = open().run(`${setUp}; ${poison}; guest.encodeData(value, 1e5) + (poisoned[0] ?? '')`)
      expect(decode(after)).toEqual(decode(before))
    },
  )
})
