import { describe, expect, it } from 'vitest'
import { toJson } from '../../src/cli/json-value.ts'

describe('a value in JSON', () => {
  it.each([null, true, 1.5, 'text', [1, [2]], { a: { b: [] } }, []])('is %j itself when JSON can say it', (value) => {
    expect(toJson(value)).toEqual({ json: value, plain: true, huge: false })
  })

  it.each([
    [undefined, { $undefined: true }],
    [Number.NaN, { $number: 'NaN' }],
    [-0, { $number: '-0' }],
    [Number.NEGATIVE_INFINITY, { $number: '-Infinity' }],
    [12n, { $bigint: '12' }],
    [new Date(0), { $date: '1970-01-01T00:00:00.000Z' }],
    [new Date(Number.NaN), { $date: null }],
    [/a/g, { $regexp: '/a/g' }],
    [new Map([['k', 1n]]), { $map: [['k', { $bigint: '1' }]] }],
    [new Set([1]), { $set: [1] }],
    [new TypeError('no'), { $error: { name: 'TypeError', message: 'no' } }],
    [new Uint8Array([1, 2]), { $bytes: 'AQI=', type: 'Uint8Array' }],
    [new Uint16Array([1]).buffer, { $bytes: 'AQA=', type: 'ArrayBuffer' }],
    [{ $bigint: '1' }, { $$bigint: '1' }],
    [[undefined], [{ $undefined: true }]],
    [Object.assign(new Error('m'), { name: [1n] }), { $error: { name: [{ $bigint: '1' }], message: 'm' } }],
  ])('has a form with a $ for %o', (value, json) => {
    expect(toJson(value)).toEqual({ json, plain: false, huge: false })
  })

  it('has a form with a $ for a list that is mostly holes', () => {
    const list: unknown = Object.assign([], { 7: 'a', length: 2 ** 32 - 1 })
    const json = { $sparse: { length: 2 ** 32 - 1, items: { 7: 'a' } } }
    expect(toJson(list)).toEqual({ json, plain: false, huge: false })
  })

  it('keeps a key called __proto__ as a key', () => {
    const { json } = toJson(JSON.parse('{"__proto__":{"x":1}}'))
    expect(JSON.stringify(json)).toBe('{"__proto__":{"x":1}}')
  })

  it('refers back to an object that contains itself', () => {
    const value: Record<string, unknown> = { 'a/b': {} }
    value['a/b'] = { up: value }
    expect(toJson(value).json).toEqual({ 'a/b': { up: { $ref: '#' } } })
    const list: unknown[] = []
    expect(toJson({ 'x~/': [list.push(list) && list] }).json).toEqual({ 'x~/': [[{ $ref: '#/x~0~1/0' }]] })
  })

  it('writes an object out again that is met twice', () => {
    const shared = { x: 1 }
    expect(toJson([shared, shared])).toEqual({ json: [{ x: 1 }, { x: 1 }], plain: true, huge: false })
  })

  it('does not write out what is small in memory and endless on paper', () => {
    let value: unknown = ['lol']
    for (let i = 0; i < 60; i++) value = [value, value, value]
    const { json, huge } = toJson(value)
    expect(huge).toBe(true)
    expect(JSON.stringify(json).length).toBeLessThan(2_000_000)
  })

  it('does not fall over values nested deeper than the stack', () => {
    let value: unknown = 1
    for (let i = 0; i < 100_000; i++) value = [value]
    const { json, huge } = toJson(value)
    expect(huge).toBe(true)
    expect(JSON.stringify(json)).toContain('{"$tooDeep":true}')
  })
})
