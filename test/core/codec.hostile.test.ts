import { runInThisContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/core/codec.ts'
import { RingfenceError } from '../../src/core/errors.ts'
import { cloneableSources } from '../guest/codec-values.ts'

const evaluate = (source: string): unknown => runInThisContext(`(${source})`)

/** What comes of a text: data, true to its name, or the code of the error. */
function readingOf(text: string): unknown {
  try {
    structuredClone(decode(text))
    return 'data'
  } catch (error) {
    return error instanceof RingfenceError ? error.code : error
  }
}

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
    expect(readingOf(text)).toBe('RF_PROTOCOL_VIOLATION')
  })

  test('cannot set a prototype or replace a method', () => {
    const value = decode('T[[[1],["O","__proto__",[1],"constructor",1,"a",1,"a",2]],[]]') as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'a'])
    expect(value['a']).toBe(2)
  })

  test('cannot make huge arrays cost memory', () => {
    const before = process.memoryUsage().rss
    const value = decode('T[[[1],["X",60000000]],[]]') as unknown[]
    expect(value.length).toBe(60_000_000)
    expect(decode(`T[[[1]${',["X",33000]'.repeat(2000)}],[]]`)).toHaveLength(33_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
    expect(() => decode(`T[[[1]${',["X",34000]'.repeat(2000)}],[]]`)).toThrow(RingfenceError)
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
