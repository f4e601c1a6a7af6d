import { describe, expect, it } from 'vitest'
import { endsOf } from './enduring.ts'

/** Each aborted the host, or held it for minutes, before it was guarded. */
const ATTACKS = [
  `'x'.repeat(2 ** 28).split('')`,
  `'x'.repeat(2 ** 28).split('x')`,
  `'x'.repeat(2 ** 28).split(/x/)`,
  `let s = 'xy'; while (s.length < 2 ** 28) s += s; s.split('y')`,
  `'x'.repeat(2 ** 28).match(/x/g)`,
  `'x'.repeat(2 ** 26).match(/x/g)`,
  `'x'.repeat(2 ** 28).match('(?:)')?.length; 'x'.repeat(2 ** 28).match(/(?:)/g)`,
  `[...'x'.repeat(2 ** 28).matchAll(/x/g)]`,
  `RegExp.prototype[Symbol.match].call(/x/g, 'x'.repeat(2 ** 28))`,
  `RegExp.prototype[Symbol.split].call(/x/, 'x'.repeat(2 ** 28))`,
  `RegExp.prototype[Symbol.replace].call(/x/g, 'x'.repeat(2 ** 28), 'yy')`,
  `'x'.repeat(2 ** 28).replace(/x/g, 'yy')`,
  `'x'.repeat(2 ** 28).replace(/x/g, String)`,
  `'x'.repeat(2 ** 28).replaceAll('x', 'yy')`,
  `'x'.repeat(2 ** 28).replaceAll('', '-')`,
  `class R extends RegExp {}; 'x'.repeat(2 ** 28).split(new R('x'))`,
  `'\\u0149'.repeat(2 ** 27).toUpperCase()`,
  `'\\ufdfa'.repeat(2 ** 25).normalize('NFKD')`,
  `decodeURIComponent('%41'.repeat(2 ** 27))`,
  `unescape('%41'.repeat(2 ** 27))`,
  `escape('\\u1234'.repeat(2 ** 26))`,
  `Symbol.for('x'.repeat(2 ** 28))`,
  `JSON.parse('[' + '1,'.repeat(2 ** 27) + '1]')`,
  `JSON.parse('[' + '{},'.repeat(2 ** 24) + '1]')`,
  `console.log(Object('x'.repeat(2 ** 28)))`,
  `Array.prototype.sort.call({ length: 2 ** 28 })`,
  `new Array(2 ** 27).fill(1)`,
]
const ENDS = ['wallMs', 'memoryBytes', 'outputBytes', 'threw RangeError', 'returned undefined']

describe.each(['vm', 'worker'] as const)('a host of the tier %s', (tier) => {
  it('outlives every built-in that is asked for more than the engine can hold', { timeout: 120_000 }, async () => {
    const ends = await endsOf(tier, ATTACKS, 20_000)
    const told = ATTACKS.map((attack, index) => [attack, ENDS.includes(ends[index] ?? 'died') || ends[index]])
    expect(told).toEqual(ATTACKS.map((attack) => [attack, true]))
  })
})
