import { type Attack, awaits, does } from '../attack.ts'

/** Built-ins of the engine whose cost is out of all proportion to what is given to them. */
export const ENGINE: readonly Attack[] = [
  does(
    'a regular expression that backtracks in a replacement',
    `'a'.repeat(40).replace(/^(a|a)*$|b/g, 'b'); return /^(\\w+\\s?)*$/.test('word '.repeat(30) + '!')`,
    'wallMs',
  ),
  does(
    'a sticky regular expression whose lastIndex is an object that spins',
    `const r = /a/y; r.lastIndex = { valueOf() { for (;;); } }; return r.test('a')`,
    'wallMs',
  ),
  does(
    'a regular expression whose exec never stops matching',
    `const r = /a/g; r.exec = () => { r.lastIndex = 0; return ['a'] }; return 'a'.replace(r, 'b')`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'a split by a species that spins',
    `class R extends RegExp { static get [Symbol.species]() { for (;;); } } return 'a'.split(new R('b'))`,
    'wallMs',
  ),
  does('powers of big integers', `let n = 3n; for (;;) n = n ** 3n`, ['wallMs', 'memoryBytes', 'threw RangeError']),
  does('one power too large for any engine', `return 2n ** (2n ** 64n)`, 'threw RangeError'),
  does('products of big integers', `let n = (1n << 2000n) - 1n; for (;;) n = BigInt.asUintN(50_000, n * n)`, 'wallMs'),
  does(
    'remainders of big integers',
    `const n = (1n << 20_000n) - 1n; for (let i = 0n; ; i++) (n - i) % ((1n << 10_000n) - 3n)`,
    'wallMs',
  ),
  does('texts of big integers', `for (;;) ((1n << 8_000n) - 1n).toString()`, 'wallMs'),
  does('big integers from text', `const text = '9'.repeat(5_000); for (;;) BigInt(text)`, 'wallMs'),
  does('a sort whose comparator spins', `return [3, 2, 1].sort(() => { for (;;); })`, 'wallMs'),
  does(
    'a sort whose comparator sorts',
    `const list = Array.from({ length: 50 }, (_, i) => i); const by = () => { list.toSorted(by); return 1 }; return list.sort(by)`,
    ['wallMs', 'threw RangeError'],
  ),
  does(
    'a sort whose comparator lets the list grow',
    `const list = [2, 1]; for (;;) list.sort(() => { list.push(1, 2, 3); return -1 })`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'a sort whose comparator never agrees with itself',
    `const list = Array.from({ length: 1e5 }, (_, i) => i); for (;;) list.sort(() => Math.random() - 0.5)`,
    'wallMs',
  ),
  does('a sort of things that spin as text', `return [{ toString() { for (;;); } }, 1].sort()`, 'wallMs'),
  does(
    'a sort of numbers as text, over and over',
    `const list = new Float64Array(1e5).map(Math.random); for (;;) Array.from(list).sort()`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'a typed array sorted by a comparator that spins',
    `return new Uint8Array(10).sort(() => { for (;;); })`,
    'wallMs',
  ),
  does(
    'JSON that doubles with each level',
    `let value = 'x'; for (let i = 0; i < 40; i++) value = [value, value]; return JSON.stringify(value).length`,
    ['wallMs', 'memoryBytes', 'threw RangeError'],
  ),
  does(
    'a toJSON that answers with another toJSON',
    `const bomb = { toJSON: () => ({ toJSON: bomb.toJSON, a: bomb, b: bomb }) }; return JSON.stringify({ bomb })`,
    ['wallMs', 'threw RangeError'],
  ),
  does('a toJSON that spins', `return JSON.stringify({ toJSON() { for (;;); } })`, 'wallMs'),
  does('a replacer that never runs dry', `return JSON.stringify({}, () => ({ a: 1 }))`, [
    'wallMs',
    'threw RangeError',
    'memoryBytes',
  ]),
  does(
    'a reviver that puts back what it takes',
    `return JSON.parse('[1,2]', function (key, value) { this.push?.(1); for (;;) this.length; })`,
    'wallMs',
  ),
  does(
    'JSON text of great depth, parsed',
    `const text = '['.repeat(1000) + ']'.repeat(1000); for (;;) try { JSON.parse(text) } catch {}`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'JSON text of great breadth, parsed',
    `const text = '[' + '{},'.repeat(1000) + '1]'; for (;;) JSON.parse(text)`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'dates without end',
    `const date = new Date(0); for (let i = 0; ; i++) { date.setUTCDate(i); date.toLocaleString('ar-EG', { dateStyle: 'full', timeStyle: 'full' }); Date.parse(String(date)) }`,
    'wallMs',
  ),
  does(
    'formatters of dates for every locale',
    `for (let i = 0; ; i++) new Intl.DateTimeFormat(['de', 'ja-JP-u-ca-japanese', 'fa', 'th'][i % 4], { dateStyle: 'full' }).formatToParts(i * 1e9)`,
    ['wallMs', 'memoryBytes'],
  ),
  does('names of locales, without end', `for (;;) new Intl.DisplayNames(['zh'], { type: 'region' }).of('DE')`, [
    'wallMs',
    'memoryBytes',
  ]),
  does(
    'a segmenter of endless text',
    `for (;;) for (const _ of new Intl.Segmenter('th', { granularity: 'word' }).segment('ก'.repeat(1e4)));`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'a number with all digits there are',
    `for (;;) (1e-300).toLocaleString('en', { maximumFractionDigits: 100 })`,
    'wallMs',
  ),
  does('random numbers', `for (;;) Math.hypot(...Array.from({ length: 1000 }, Math.random))`, 'wallMs'),
  does(
    'iterator helpers over an endless iterator',
    `return function* () { for (;;) yield 1 }().filter((n) => n === 2).map(String).toArray()`,
    'wallMs',
  ),
  does(
    'a set operation with a set-like of endless keys',
    `return new Set([1]).union({ size: 1, has: () => true, keys: () => ({ next: () => ({ value: Math.random() }) }) })`,
    ['wallMs', 'memoryBytes'],
  ),
  does('groups by a key that spins', `return Object.groupBy([1], () => ({ toString() { for (;;); } }))`, 'wallMs'),
  awaits(
    'an asynchronous list from an endless asynchronous iterator',
    `return Array.fromAsync((async function* () { for (;;) yield 1 })())`,
    ['wallMs', 'memoryBytes'],
  ),
]
