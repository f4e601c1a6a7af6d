import { describe, expect, test } from 'vitest'
import type { GuestError } from '../../src/core/types.ts'
import { parseGuestError } from '../../src/tiers/guest-error.ts'
import { realmKinds } from './realms.ts'

describe.each(realmKinds)('what is told of an error thrown in a $kind', ({ open }) => {
  const realm = open()
  const tell = (source: string): GuestError =>
    parseGuestError(realm.runWithin(`JSON.stringify(guest.describeFully(${source}))`, 5000))

  test('is its code and its own data', () => {
    const source =
      'Object.assign(new Error("x"), { code: "E_NO", status: 404, at: new Date(5), big: 7n, list: [1, { a: undefined }] })'
    expect(tell(source)).toMatchObject({
      message: 'x',
      code: 'E_NO',
      data: { status: 404, at: new Date(5), big: 7n, list: [1, { a: undefined }] },
    })
    expect(tell('Object.assign(new Error("x"), { code: 7 })')).toMatchObject({ code: 7 })
  })

  test.each([
    'new Error("x")',
    'Object.assign(new Error("x"), { code: NaN })',
    'Object.assign(new Error("x"), { code: {}, f: () => 1, s: Symbol(), [Symbol("k")]: 1 })',
    'Object.defineProperty(new Error("x"), "hidden", { value: 1, enumerable: false })',
    'Object.assign(new Error("x"), { large: "x".repeat(9000) })',
    'Object.assign(new Error("x"), Object.fromEntries(Array.from({ length: 65 }, (_, n) => ["k" + n, n])))',
    'Object.assign(new Error("x"), { half: "x".repeat(5000), other: "x".repeat(5000) })',
    '({ name: "E", message: "x", g() {} })',
  ])('is nothing else where nothing else can cross: %s', (source) => {
    const { stack: _stack, ...told } = tell(source)
    expect(Object.keys(told)).toEqual(['name', 'message'])
  })

  test('is what caused it, to the first cause', () => {
    const source =
      'new Error("top", { cause: new TypeError("middle", { cause: Object.assign(new RangeError("root"), { code: 1 }) }) })'
    expect(tell(source)).toMatchObject({
      message: 'top',
      cause: { name: 'TypeError', message: 'middle', cause: { name: 'RangeError', message: 'root', code: 1 } },
    })
    expect(tell('new Error("top", { cause: "a text" })').cause).toEqual({ name: 'Thrown', message: "'a text'" })
    expect(tell('new Error("top", { cause: null })').cause).toEqual({ name: 'Thrown', message: 'null' })
  })

  test('are the errors it is made of', () => {
    const source = 'new AggregateError([new Error("a"), 5, new AggregateError([new Error("b")], "inner")], "all")'
    expect(tell(source)).toMatchObject({
      name: 'AggregateError',
      message: 'all',
      errors: [{ message: 'a' }, { name: 'Thrown', message: '5' }, { message: 'inner', errors: [{ message: 'b' }] }],
    })
  })

  test.each([
    [
      'in a circle',
      '(() => { const a = new Error("a"); const b = new Error("b", { cause: a }); a.cause = b; return a })()',
    ],
    ['in itself', '(() => { const a = new AggregateError([], "a"); a.errors.push(a); a.cause = a; return a })()'],
    [
      'without end',
      '(() => { const c = () => ({ name: "E", message: "m", get cause() { return c() } }); return c() })()',
    ],
    ['by the thousand', 'new AggregateError(Array.from({ length: 1e5 }, (_, n) => new Error("e" + n)))'],
    ['by the thousand, and no errors', 'new AggregateError(Array.from({ length: 1e5 }, (_, n) => n))'],
    [
      'in every direction',
      '(() => { const m = (n) => n === 0 ? 0 : new AggregateError([m(n - 1), m(n - 1), m(n - 1)], "m", { cause: m(n - 1) }); return m(7) })()',
    ],
    [
      'by a list that lies',
      '({ name: "E", message: "m", errors: new Proxy([], { get: (_, key) => key === "length" ? Infinity : new Error("x") }) })',
    ],
  ])('ends, where causes lead %s', (_how, source) => {
    const count = ({ cause, errors = [] }: GuestError): number =>
      1 + (cause === undefined ? 0 : count(cause)) + errors.reduce((sum, one) => sum + count(one), 0)
    const text = realm.runWithin(`JSON.stringify(guest.describeFully(${source}))`, 5000)
    expect(count(parseGuestError(text))).toBeLessThanOrEqual(32)
    expect(text.length).toBeLessThan(100_000)
  })

  test.each([
    'Object.defineProperties(new Error("x"), { cause: { get() { throw 1 } }, errors: { get() { throw 2 } }, code: { get() { throw 3 } } })',
    'new Proxy(new Error("x"), { ownKeys() { throw 1 } })',
    'new Error("x", { cause: (() => { const made = Proxy.revocable({}, {}); made.revoke(); return made.proxy })() })',
    'Object.assign(new Error("x"), { errors: (() => { const made = Proxy.revocable([], {}); made.revoke(); return made.proxy })() })',
    'Object.assign(new Error("x"), { nested: { get y() { throw 1 } } })',
  ])('cannot throw again: %s', (source) => {
    expect(tell(source).name).toBe('Error')
  })

  test('has no prototype that a guest could have spoilt', () => {
    const spoilt = open()
    spoilt.run('Object.prototype.toJSON = Array.prototype.toJSON = () => 666; "done"')
    const text = spoilt.run(
      'JSON.stringify(guest.describeFully(new AggregateError([new Error("a")], "all", { cause: Object.assign(new Error("c"), { k: 1 }) })))',
    )
    expect(parseGuestError(text)).toMatchObject({ errors: [{ message: 'a' }], cause: { message: 'c', data: { k: 1 } } })
  })
})

describe('a forged error', () => {
  test.each([
    ['7', 'it is not an object'],
    ['{', 'it is not JSON'],
    ['{"data":"Jnull"}', 'its data is not an object'],
    ['{"data":"J7"}', 'its data is not an object'],
    ['{"data":"Xyz"}', 'the text is not of our codec'],
    [JSON.stringify({ data: `S${'x'.repeat(20_000)}` }), 'its data is not an object'],
  ])('that is %s is a violation', (text, message) => {
    expect(() => parseGuestError(text)).toThrow(message)
  })

  test('is cut to its first errors, however many and however deep', () => {
    const deep = Array.from({ length: 1000 }).reduce((inner: object) => ({ name: 'E', cause: inner }), {})
    const wide = { errors: Array.from({ length: 1000 }, () => ({ errors: [{}, {}] })) }
    const depth = (error: GuestError): number => 1 + (error.cause === undefined ? 0 : depth(error.cause))
    expect(depth(parseGuestError(JSON.stringify(deep)))).toBeLessThanOrEqual(12)
    const told = parseGuestError(JSON.stringify(wide))
    expect(told.errors?.reduce((sum, { errors = [] }) => sum + 1 + errors.length, 1)).toBeLessThanOrEqual(32)
  })

  test('has no code that is neither text nor number', () => {
    expect(parseGuestError('{"name":1,"message":{},"stack":[],"code":{},"errors":{},"cause":5}')).toEqual({
      name: 'Error',
      message: '',
    })
  })
})
