import { describe, expect, test } from 'vitest'
import { realmKinds } from './realms.ts'

const outcome = (source: string): string =>
  `(() => { try { return String(${source}) } catch (error) { return String(error) } })()`

describe.each(realmKinds)('a hardened $kind', ({ open }) => {
  const realm = open()
  const result = (source: string): string => realm.runWithin(outcome(source), 5000)

  test.each(['WebAssembly', 'SharedArrayBuffer'])('has no %s', (name) => {
    expect(result(`typeof ${name} + (${JSON.stringify(name)} in globalThis)`)).toBe('undefinedfalse')
  })

  test('still knows functions by their constructors', () => {
    const checks = [
      '(() => {}) instanceof Function',
      'Function instanceof Function && Function instanceof Object',
      '(async () => {}) instanceof (async () => {}).constructor',
      '(function* () {}) instanceof (function* () {}).constructor',
      'Function.prototype === Object.getPrototypeOf(Function)',
      'Function.name === "Function" && Function.length === 1',
      'Object.getPrototypeOf((async () => {}).constructor) === Function',
      'eval(5) === 5',
      '(class {}).constructor === Function',
    ]
    expect(result(`[${checks.join()}].join()`)).toBe(checks.map(() => 'true').join())
  })

  test.each([
    'new ArrayBuffer(1, { maxByteLength: 2 ** 33 })',
    'new Uint8Array(8).buffer.constructor === ArrayBuffer && new (new Uint8Array(8).buffer.constructor)(1, { maxByteLength: 9 })',
    'new (class extends ArrayBuffer {})(1, { maxByteLength: 9 })',
    'Reflect.construct(ArrayBuffer, [1, { maxByteLength: 9 }])',
    'Reflect.construct(ArrayBuffer, [1, { get maxByteLength() { return 9 } }], Object)',
    'new ArrayBuffer.prototype.constructor(1, Object.create({ maxByteLength: 9 }))',
    'new (new ArrayBuffer(4).slice(1).constructor)(1, { maxByteLength: 9 })',
    'new (ArrayBuffer[Symbol.species])(1, { maxByteLength: 9 })',
  ])('makes no buffer that can grow: %s', (attack) => {
    expect(result(attack)).toBe('RangeError: Cannot create ArrayBuffer: resizable buffers are not available here')
  })

  test('has nothing left of resizing', () => {
    expect(
      result(`Reflect.ownKeys(ArrayBuffer.prototype).filter((key) => /resiz|transfer|max/i.test(String(key))).join()`),
    ).toBe('')
  })

  test('reads the options of a buffer once', () => {
    const attack = `(() => { let reads = 0; const b = new ArrayBuffer(1, { get maxByteLength() { return reads++ ? 1e9 : undefined } }); return reads + ' ' + b.byteLength })()`
    expect(result(attack)).toBe('1 1')
  })

  test('has an ArrayBuffer that is otherwise the old one', () => {
    const checks = [
      'new ArrayBuffer(8).byteLength === 8',
      'new ArrayBuffer(8, {}).byteLength === 8',
      'new ArrayBuffer(8, undefined) instanceof ArrayBuffer',
      'new Uint8Array(3).buffer instanceof ArrayBuffer',
      'ArrayBuffer.isView(new DataView(new ArrayBuffer(1)))',
      'ArrayBuffer.name === "ArrayBuffer" && ArrayBuffer.length === 1',
      'ArrayBuffer[Symbol.species] === ArrayBuffer',
      'new ArrayBuffer(8).slice(2).byteLength === 6',
      'new (class B extends ArrayBuffer { two() { return 2 } })(4).two() === 2',
      'new (class B extends ArrayBuffer {})(4).slice(1).constructor.name === "B"',
      'Object.prototype.toString.call(new ArrayBuffer(1)) === "[object ArrayBuffer]"',
      '!Object.keys(globalThis).includes("ArrayBuffer")',
    ]
    expect(result(`[${checks.join()}].join()`)).toBe(checks.map(() => 'true').join())
    expect(result('ArrayBuffer(1)')).toBe("TypeError: Constructor ArrayBuffer requires 'new'")
    expect(result('new ArrayBuffer(-1)')).toMatch(/^RangeError/)
  })

  test.each([
    'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
    'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)',
    'Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1)',
    'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 1)',
    'Array.prototype.fill.call(Object.defineProperty({ length: 2 ** 53 - 1 }, 0, { set() {} }), 1, 0)',
    '[].indexOf.call(new Proxy({ length: 2 ** 53 - 1 }, {}), 1)',
    'Object.assign([], { length: 2 ** 32 - 1 }).indexOf(1)',
    'new Array(2 ** 27).fill(0)',
  ])('is stopped by a deadline in %s', (attack) => {
    const fresh = open()
    const start = performance.now()
    expect(() => fresh.runWithin(outcome(attack), 100)).toThrow(/timed out|timeout/i)
    expect(performance.now() - start).toBeLessThan(3000)
  })

  test.each([
    '(() => { let reads = 0; return [].indexOf.call(new Proxy([], { get: (t, k) => k === "length" && reads++ ? 2 ** 53 - 1 : 1 }), 7) })()',
    '(() => { let reads = 0; return [].includes.call(Proxy.revocable([], { get: (t, k) => k === "length" && reads++ ? 2 ** 53 - 1 : 1 }).proxy, 7) })()',
  ])('asks an array-like for its length once, as the guard does: %s', (attack) => {
    expect(['-1', 'false']).toContain(result(attack))
  })

  const samples = [
    '[]',
    '[1, 2, 3, 2, 1]',
    '[1, , 3]',
    '[NaN, 0, -0, undefined, null, "1"]',
    '"abcab"',
    '5',
    'true',
    '{ length: 3, 0: 1, 2: 3 }',
    '{ length: "2", 0: 1, 1: undefined }',
    '{ length: -1 }',
    '{ length: NaN }',
    '{}',
    'new Proxy([1, 2, 3], {})',
    'Object.create({ 0: 1, length: 1 })',
    'new Uint8Array([1, 2, 3])',
    'Object.assign([1], { length: 20 })',
  ]
  const argumentLists = [
    '',
    '1',
    'NaN',
    'undefined',
    '-0',
    '3, 1',
    '1, -2',
    '1, -100',
    '2, Infinity',
    '1, -Infinity',
    '1, "1"',
    '1, undefined',
    '1, null',
    '1, NaN',
    '"a", 1',
    '9, 1, -1',
    '9, -2, undefined',
    '9, 1n',
  ]

  test.each(['indexOf', 'includes', 'lastIndexOf', 'fill'])(
    'answers in Array.prototype.%s what an engine answers',
    (method) => {
      const plain = open('')
      const call = (sample: string, args: string): string =>
        `(() => { try {
        const target = (${sample})
        const result = Array.prototype.${method}.call(target${args === '' ? '' : `, ${args}`})
        return typeof result === 'object' ? JSON.stringify(Array.from(result)) : Object.is(result, -0) ? '-0' : String(result)
      } catch (error) { return error.name } })()`
      const all = samples.flatMap((sample) => argumentLists.map((args) => call(sample, args)))
      const script = `JSON.stringify([${all.join()}])`
      expect(JSON.parse(realm.run(script))).toEqual(JSON.parse(plain.run(script)))
    },
  )

  test.each(['indexOf', 'includes', 'lastIndexOf', 'fill'])('keeps the look of Array.prototype.%s', (method) => {
    const look = `(() => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(Array.prototype, '${method}')
      const construct = (() => { try { return new value() } catch (error) { return error.name } })()
      const bare = (() => { try { return value.call(undefined) } catch (error) { return error.name } })()
      return JSON.stringify([rest, value.name, value.length, 'prototype' in value, construct, bare])
    })()`
    expect(realm.run(look)).toBe(open('').run(look))
  })

  test('has a Proxy that is otherwise the old one', () => {
    const checks = [
      'new Proxy({ a: 1 }, {}).a === 1',
      'new Proxy({}, { get: () => 5 }).b === 5',
      'Proxy.revocable({ a: 1 }, {}).proxy.a === 1',
      'Proxy.length === 2 && Proxy.name === "Proxy"',
    ]
    expect(result(`[${checks.join()}].join()`)).toBe(checks.map(() => 'true').join())
    expect(result('Proxy({}, {})')).toBe("TypeError: Constructor Proxy requires 'new'")
    expect(result('new Proxy(1, {})')).toMatch(/^TypeError/)
    expect(result('new (class extends Proxy {})({}, {})')).toMatch(/^TypeError/)
  })
})
