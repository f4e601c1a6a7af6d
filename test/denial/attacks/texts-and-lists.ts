import { type Attack, does, isDenied } from '../attack.ts'

/** Methods of arrays, and how they end for an array whose length is absurd and whose every index exists. */
const LIES: readonly (readonly [method: string, ends: Attack['ends']])[] = [
  ['join', ['threw TypeError', 'threw RangeError']],
  ['toString', ['threw TypeError', 'threw RangeError']],
  ['toReversed', 'threw RangeError'],
  ['sort', ['wallMs', 'memoryBytes']],
  ['reverse', 'wallMs'],
  ['flat', 'wallMs'],
  ['copyWithin', 'wallMs'],
  ['fill', 'wallMs'],
  ['splice', 'wallMs'],
  ['slice', 'returned object'],
  ['concat', 'returned object'],
  ['at', 'returned undefined'],
]

/** Texts and lists that are small to write down and large to work on. */
export const TEXTS_AND_LISTS: readonly Attack[] = [
  isDenied('a text repeated beyond what there can be', `return 'x'.repeat(2 ** 30)`, 'RangeError'),
  isDenied('a text padded beyond what there can be', `return 'x'.padEnd(2 ** 31)`, 'RangeError'),
  isDenied('a text doubled until it cannot be', `let s = 'x'; for (;;) s += s`, 'RangeError'),
  does(
    'a replacement that grows with each match',
    `return 'ab'.repeat(1000).replaceAll('', (_, at) => { for (;;); })`,
    'wallMs',
  ),
  does('replacements that multiply what was before', `let s = '&'; for (;;) s = s.replace(/&/g, '$&$&')`, [
    'wallMs',
    'memoryBytes',
    'threw RangeError',
  ]),
  does(
    'normal forms of what takes long to bring into one',
    `const s = '\\ufdfa'.repeat(200); for (;;) s.normalize('NFKD')`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'normal forms of endless accents',
    `const s = 'a' + '\\u0323\\u0307'.repeat(100); for (;;) s.normalize('NFC')`,
    'wallMs',
  ),
  does(
    'comparisons of long texts by locale',
    `const s = 'ä'.repeat(2000); for (;;) s.localeCompare(s + 'b', 'sv')`,
    'wallMs',
  ),
  does('upper case of long texts by locale', `const s = 'ß'.repeat(1000); for (;;) s.toLocaleUpperCase('tr')`, [
    'wallMs',
    'memoryBytes',
  ]),
  does('a split into all characters, over and over', `const s = 'xy'.repeat(2000); for (;;) s.split('')`, [
    'wallMs',
    'memoryBytes',
  ]),
  does(
    'escapes of long texts',
    `const s = '\\u{1f600}'.repeat(500); for (;;) decodeURIComponent(encodeURIComponent(s))`,
    ['wallMs', 'memoryBytes'],
  ),
  does(
    'a match of everything, by hand',
    `let n = 0; for (const _ of function* () { for (;;) yield* 'a'.repeat(1000).matchAll(/a/g) }()) n += 1`,
    'wallMs',
  ),
  does(
    'a search of short texts, over and over',
    `const s = 'a'.repeat(300), t = 'a'.repeat(150) + 'b'; for (;;) s.lastIndexOf(t)`,
    'wallMs',
  ),
  does(
    'a structured clone of a long list, over and over',
    `const list = Array.from({ length: 10_000 }, (_, i) => ({ i })); for (;;) structuredClone(list)`,
    ['wallMs', 'memoryBytes'],
  ),
  isDenied(
    'a structured clone of what nests too deep',
    `let o = {}; for (let i = 0; i < 1e4; i++) o = { o }; return typeof structuredClone(o)`,
    'object',
  ),
  isDenied(
    'a structured clone of what doubles with each level',
    `let s = 'x'.repeat(1000); for (let i = 0; i < 30; i++) s = s + s; return structuredClone([s, s, s])`,
    'RangeError',
  ),
  does(
    'a structured clone of an array that is nothing but long',
    `const a = []; a.length = 2 ** 32 - 1; return structuredClone(a).length`,
    'threw DataCloneError',
  ),
  does('an array of nothing, joined', `return new Array(2 ** 32 - 1).join('x').length`, [
    'threw RangeError',
    'wallMs',
    'memoryBytes',
  ]),
  does('an array of nothing, as text', `return String(new Array(2 ** 25)).length`, [
    'returned 33554431',
    'memoryBytes',
    'wallMs',
  ]),
  does('an array of nothing, sorted', `return new Array(2 ** 32 - 1).sort().length`, [
    'returned 4294967295',
    'wallMs',
    'memoryBytes',
  ]),
  does(
    'an array of nothing, searched',
    `const a = new Array(2 ** 32 - 1); return [a.indexOf(1), a.lastIndexOf(1), a.includes(1)]`,
    'wallMs',
  ),
  does(
    'an array of nothing, searched for nothing',
    `return new Array(2 ** 32 - 1).includes(undefined)`,
    'returned true',
  ),
  does(
    'an array of nothing, searched by a function',
    `return new Array(2 ** 32 - 1).findLast((x) => x === 1)`,
    'wallMs',
  ),
  does('an array of nothing, flattened', `return new Array(2 ** 32 - 1).flat().length`, ['wallMs', 'returned 0']),
  does('an array of nothing, mapped', `return new Array(2 ** 32 - 1).map(() => 1).length`, [
    'wallMs',
    'returned 4294967295',
  ]),
  does('an array of nothing, filtered', `return new Array(2 ** 32 - 1).filter(() => 1).length`, [
    'wallMs',
    'returned 0',
  ]),
  does('an array of nothing, joined to another', `const a = new Array(2 ** 32 - 1); return a.concat(a).length`, [
    'threw RangeError',
    'returned 4294967295',
  ]),
  does('an array of nothing, moved within itself', `return new Array(2 ** 32 - 1).copyWithin(1, 0).length`, 'wallMs'),
  does('an array of nothing, turned round', `return new Array(2 ** 32 - 1).reverse().length`, [
    'wallMs',
    'returned 4294967295',
  ]),
  does('an array of nothing, filled', `return new Array(2 ** 32 - 1).fill(1).length`, ['wallMs', 'memoryBytes']),
  does('an array of nothing, shifted', `const a = new Array(2 ** 32 - 1); a.unshift(1); return a.shift()`, [
    'wallMs',
    'threw RangeError',
  ]),
  does('an array of nothing, spliced', `const a = new Array(2 ** 32 - 1); return a.splice(0, 1).length`, [
    'wallMs',
    'returned 1',
  ]),
  does('an array of nothing, cut', `return new Array(2 ** 32 - 1).slice(1).length`, ['wallMs', 'returned 4294967294']),
  does('an array of nothing, copied and sorted', `return new Array(2 ** 32 - 1).toSorted().length`, [
    'wallMs',
    'memoryBytes',
    'threw RangeError',
  ]),
  does('an array of nothing, copied and changed', `return new Array(2 ** 32 - 1).with(0, 1).length`, [
    'wallMs',
    'memoryBytes',
    'threw RangeError',
  ]),
  does('an array of nothing, spread', `return [...new Array(2 ** 32 - 1)].length`, [
    'wallMs',
    'memoryBytes',
    'threw RangeError',
  ]),
  does('an array of nothing, iterated', `for (const _ of new Array(2 ** 32 - 1).keys());`, 'wallMs'),
  does('an array of nothing, as arguments', `return Math.max.apply(null, new Array(2 ** 32 - 1))`, [
    'threw RangeError',
    'wallMs',
    'memoryBytes',
  ]),
  ...LIES.map(([method, ends]) =>
    does(
      `a proxy of an array that lies about its length: ${method}`,
      `const p = new Proxy([], { get: (t, k) => (k === 'length' ? 2 ** 53 - 1 : t[k]), has: () => true, set: () => true, deleteProperty: () => true }); return typeof Array.prototype.${method}.call(p, undefined, 2)`,
      ends,
    ),
  ),
  does('a typed array filled by what spins', `return new Uint8Array(10).fill({ valueOf() { for (;;); } })`, 'wallMs'),
  does('a typed array searched, over and over', `const a = new Uint8Array(2 ** 12); for (;;) a.indexOf(1)`, 'wallMs'),
  does(
    'an array made of an absurdly long array-like',
    `return Array.prototype.concat.call([], Object.assign(Array.prototype.slice.call({ length: 5 }), { [Symbol.isConcatSpreadable]: true, length: 2 ** 32 - 1 })).length`,
    ['wallMs', 'returned 4294967295'],
  ),
  does('a flat list of lists that contain themselves', `const a = []; a.push(a, a); return a.flat(Infinity)`, [
    'threw RangeError',
    'wallMs',
  ]),
]
