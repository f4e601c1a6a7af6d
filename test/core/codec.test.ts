import { isDeepStrictEqual } from 'node:util'
import { runInNewContext, runInThisContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/core/codec.ts'
import { RingfenceError } from '../../src/core/errors.ts'
import { cloneableSources } from '../guest/codec-values.ts'

const evaluate = (source: string): unknown => runInThisContext(`(${source})`)

function errorOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('Expected an error, none was thrown')
}

const refusalOf = (value: unknown): { code: string; message: string } => {
  const error = errorOf(() => encode(value))
  if (!(error instanceof RingfenceError)) throw error
  return error
}

describe('data that structured clone carries', () => {
  test.each(cloneableSources)('comes back as structured clone gives it: %s', (source) => {
    const value = evaluate(source)
    expect(isDeepStrictEqual(decode(encode(value)), structuredClone(value))).toBe(true)
  })

  test('comes back equal whatever it is', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        expect(isDeepStrictEqual(decode(encode(value)), structuredClone(value))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('keeps the identity of shared references and of buffers', () => {
    const shared = {}
    const bytes = new Uint8Array(8)
    const value = decode(encode({ a: shared, b: shared, bytes, view: new DataView(bytes.buffer) })) as {
      a: object
      b: object
      bytes: Uint8Array
      view: DataView
    }
    expect(value.a).toBe(value.b)
    value.view.setUint8(3, 7)
    expect(value.bytes[3]).toBe(7)
  })

  test('comes from other realms as well', () => {
    const foreign: unknown = runInNewContext('({ m: new Map([[1, new Date(5)]]), r: /x/g, e: new RangeError("far") })')
    const value = decode(encode(foreign)) as { m: Map<number, Date>; r: RegExp; e: Error }
    expect(value.m).toEqual(new Map([[1, new Date(5)]]))
    expect(value.r).toEqual(/x/g)
    expect(value.e).toBeInstanceOf(RangeError)
  })

  test('nests a hundred thousand levels deep', () => {
    let deep: unknown = 'bottom'
    for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { deep }
    let found = decode(encode(deep))
    let levels = 0
    for (; typeof found === 'object' && found !== null; levels++) found = Object.values(found)[0]
    expect({ found, levels }).toEqual({ found: 'bottom', levels: 100_000 })
  })

  test('includes errors with their class, cause and own properties', () => {
    const error = Object.assign(new TypeError('bad', { cause: { why: 1 } }), { code: 'E_BAD' })
    const copy = decode(encode([error, new AggregateError([new Error('part')], 'all')])) as [
      TypeError & { code: string },
      AggregateError,
    ]
    expect(copy[0]).toBeInstanceOf(TypeError)
    expect([copy[0].message, copy[0].code, copy[0].cause]).toEqual(['bad', 'E_BAD', { why: 1 }])
    expect(copy[1]).toBeInstanceOf(AggregateError)
    expect(copy[1].errors[0]).toBeInstanceOf(Error)
  })
})

describe('what belongs to the host stays with it', () => {
  test('stacks of errors are not sent', () => {
    expect(encode(new Error('x'))).not.toContain('.ts')
    expect((decode(encode(new RangeError('far'))) as Error).stack).toBe('RangeError: far')
  })

  test('bytes of a pool that no view shows are not sent', () => {
    const secret = Buffer.from('the-secret-in-the-pool')
    const shown = Buffer.from('abc')
    expect(shown.buffer).toBe(secret.buffer)
    const text = encode([shown, shown.subarray(1)])
    expect(text.length).toBeLessThan(200)
    const copy = decode(text) as Uint8Array[]
    expect(copy.map((bytes) => Buffer.from(bytes).toString())).toEqual(['abc', 'bc'])
    expect(copy[0]?.buffer).toBe(copy[1]?.buffer)
  })

  test('views of different alignment share a window', () => {
    const buffer = new ArrayBuffer(64)
    const value = [new Uint8Array(buffer, 13, 2), new Float64Array(buffer, 16, 1)]
    value[1]?.set([2.5])
    expect(decode(encode(value))).toEqual(value)
  })
})

describe('what is no data', () => {
  test.each([
    [() => 1, 'Cannot clone value: it is a function'],
    [{ rows: [1, 2, { render() {} }] }, 'Cannot clone value: "rows[2].render" is a function'],
    [{ a: Symbol('s') }, 'Cannot clone value: "a" is a symbol'],
    [{ 'a b': [new WeakMap()] }, 'Cannot clone value: "[\\"a b\\"][0]" is a WeakMap'],
    [new Map([['k', { f: Promise.resolve() }]]), 'Cannot clone value: "<value 0>.f" is a Promise'],
    [new WeakRef({}), 'Cannot clone value: it is a WeakRef'],
    [[1][Symbol.iterator](), 'Cannot clone value: it is an Iterator'],
    [(async function* () {})(), 'Cannot clone value: it is an async iterator'],
    [new SharedArrayBuffer(1), 'Cannot clone value: it is a SharedArrayBuffer'],
    [new Uint8Array(new SharedArrayBuffer(1)), 'Cannot clone value: it is a view of a SharedArrayBuffer'],
    [new Proxy(() => 1, {}), 'Cannot clone value: it is a function'],
    [Object(Symbol('boxed')), 'Cannot clone value: it is a boxed symbol'],
  ])('is refused with its place: case %#', (value, message) => {
    const error = refusalOf(value)
    expect(error.code).toBe('RF_DATA_NOT_CLONEABLE')
    expect(error.message).toBe(message)
  })

  test('includes a buffer that was given away', () => {
    const buffer = new ArrayBuffer(1)
    buffer.transfer()
    expect(refusalOf({ buffer }).message).toBe('Cannot clone value: "buffer" is a detached ArrayBuffer')
  })

  test('has a DataCloneError as its cause', () => {
    expect(errorOf(() => encode(() => 1))).toMatchObject({ cause: { name: 'DataCloneError' } })
  })

  test("passes on what the value's own getter throws", () => {
    const mine = new Error('mine')
    const value = {
      get broken(): never {
        throw mine
      },
    }
    expect(errorOf(() => encode(value))).toBe(mine)
  })
})

describe('the limit on length', () => {
  const rope = (): string => {
    let text = 'y'
    for (let doubling = 0; doubling < 28; doubling++) text += text
    return text
  }

  test.each([
    ['a string', () => 'x'.repeat(1001)],
    ['many elements', () => Array.from({ length: 600 }, () => 0)],
    ['a rope', rope],
    ['a rope inside', () => ({ rope: rope() })],
    ['one string many times', () => Array.from({ length: 11 }, () => 'x'.repeat(100))],
    ['escapes', () => ['\u0000'.repeat(400)]],
    ['a huge bigint', () => 1n << 100_000_000n],
    ['bytes', () => new Uint8Array(10_000_000)],
    ['a map', () => new Map(Array.from({ length: 500 }, (_, index) => [index, index]))],
  ])('refuses %s without building the text', (_name, make) => {
    const value = make()
    expect(() => encode(value, 1000)).toThrow(
      new RangeError('Cannot encode value: its text is longer than 1000 characters'),
    )
  })

  test('lets through what fits exactly', () => {
    const text = encode({ a: [1, 2, 3] })
    expect(encode({ a: [1, 2, 3] }, text.length)).toBe(text)
    expect(() => encode({ a: [1, 2, 3] }, text.length - 1)).toThrow(RangeError)
  })
})
