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

/** What comes of a text: data, true to its name, or the code of the error. */
function readingOf(text: string): unknown {
  try {
    structuredClone(decode(text))
    return 'data'
  } catch (error) {
    return error instanceof RingfenceError ? error.code : error
  }
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

describe('texts that no codec made', () => {
  test.each([
    '',
    'X',
    'J',
    'Jx',
    'Jundefined',
    'T1',
    'T{}',
    'T[]',
    'T[[]]',
    'T[[],[]]',
    'T[[[1]],[]]',
    'T[[[0]],[]]',
    'T[[[-1]],[]]',
    'T[[[1.5],["O"]],[]]',
    'T[[{}],[]]',
    'T[[[]],[]]',
    'T[[["z"]],[]]',
    'T[[["n","0x1"]],[]]',
    'T[[["n"]],[]]',
    'T[[1,{}],[]]',
    'T[[1,[]],[]]',
    'T[[1,["Q"]],[]]',
    'T[[[1],["O","a"]],[]]',
    'T[[[1],["O",1,2]],[]]',
    'T[[[1],["O","a",[7]]],[]]',
    'T[[[1],["M",1]],[]]',
    'T[[[1],["X",4294967296]],[]]',
    'T[[[1],["X",-1]],[]]',
    'T[[[1],["X",1,"length",3]],[]]',
    'T[[[1],["R","(","g"]],[]]',
    'T[[[1],["R","a","gg"]],[]]',
    'T[[[1],["B",[1]]],[]]',
    'T[[[1],["B"]],[]]',
    'T[[[1],["E","Object",[]]],[]]',
    'T[[[1],["E","Error"]],[]]',
    'T[[[1],["E","constructor",[]]],[]]',
    'T[[[1],["b",0]],[]]',
    'T[[[1],["b",0]],["!!"]]',
    'T[[[1],["b",0]],[[]]]',
    'T[[[1],["b",0]],[["AAAA",-1]]]',
    'T[[[1],["V","Uint8Array",0,0,9]],["AAAA"]]',
    'T[[[1],["V","Float64Array",0,1,0]],["AAAA"]]',
    'T[[[1],["V","Uint8Array",0,0,1]],[["AAAA",4]]]',
    'T[[[1],["V","Array",0,0,1]],["AAAA"]]',
    'T[[[1],["V","__proto__",0,0,1]],["AAAA"]]',
  ])('are a protocol violation: %s', (text) => {
    expect(errorOf(() => decode(text))).toMatchObject({ code: 'RF_PROTOCOL_VIOLATION' })
  })

  test('cannot set a prototype or replace a method', () => {
    const value = decode('T[[[1],["O","__proto__",[1],"constructor",1,"a",1,"a",2]],[]]') as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'a'])
    expect(value['a']).toBe(2)
  })

  test('cannot make huge arrays cost memory', () => {
    const before = process.memoryUsage().rss
    const value = decode(`T[[[1]${',["X",33000000]'.repeat(200)}],[]]`) as unknown[]
    expect(value.length).toBe(33_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  })

  const tags = fc.constantFrom(
    'O',
    'A',
    'X',
    'M',
    'S',
    'D',
    'R',
    'B',
    'E',
    'b',
    'V',
    'u',
    'n',
    '-0',
    'Error',
    'Uint8Array',
  )
  const scrap: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    leaf: fc.oneof(tags, fc.integer({ min: -2, max: 9 }), fc.double(), fc.string(), fc.constant(null), fc.boolean()),
    node: fc.oneof({ depthSize: 'small' }, tie('leaf'), fc.array(tie('node'), { maxLength: 6 })),
  })).node
  const row = fc.tuple(tags, fc.array(scrap, { maxLength: 6 })).map(([tag, cells]) => [tag, ...cells])

  test('either decode to data or are a protocol violation, whatever they are', () => {
    const table = fc.tuple(scrap, fc.array(row, { maxLength: 6 }), fc.array(fc.base64String(), { maxLength: 3 }))
    const forged = table.map(([root, rows, bytes]) => `T${JSON.stringify([[root, ...rows], bytes])}`)
    const anyText = fc.tuple(fc.constantFrom('', 'S', 'J', 'T', 'T[['), fc.string()).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(forged, anyText), (text) => {
        expect(['data', 'RF_PROTOCOL_VIOLATION']).toContain(readingOf(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('are refused or decode after any change to a true one', () => {
    const whole = encode(cloneableSources.slice(18, 40).map(evaluate))
    const change = fc.tuple(
      fc.nat(whole.length - 1),
      fc.nat(4),
      fc.constantFrom('', '[', ']', ',', '"', '9', '-', 'X', '1e9'),
    )
    fc.assert(
      fc.property(change, ([at, cut, insert]) => {
        const text = whole.slice(0, at) + insert + whole.slice(at + cut)
        expect(['data', 'RF_PROTOCOL_VIOLATION']).toContain(readingOf(text))
      }),
      { numRuns: 2000 },
    )
  })
})
