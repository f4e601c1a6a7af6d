import { type Family, family } from '../attack.ts'

const functions = { echo: (value: unknown) => value, now: { call: (value: unknown) => value, sync: true } }
const program = { as: 'program', ends: ['returned', 'threw', 'exceeded'] } as const
const limits = { wallMs: 4000, cpuMs: 2000 }

/** Sends a value there and back by every way there is, and looks at what comes back. */
const roundTrip = (expression: string): string =>
  `const host = await import('host'); const value = ${expression}; for (const run of [() => host.echo(value), () => host.now(value), () => structuredClone(value)]) { const back = await attempt(run, 'back'); if (Object.prototype.polluted) note('polluted') }`

/** Values that a codec may confuse. */
export const ODD_DATA: Family = family('codec confusion', [
  [
    'rows of the table form',
    'new',
    'data that looks like the encoding was taken for it',
    roundTrip(`[['O', '__proto__', [1]], ['u'], ['n', '-ff'], [0], ['NaN'], { 0: ['X', 4294967295] }, -0]`),
    { options: { functions } },
  ],
  [
    'texts of the encoding',
    'superjson CVE-2022-23631',
    'a prefix of text told the form',
    roundTrip(`['S', 'J{}', 'T[[1],[]]', 'Tundefined', 'S\\u0000', '']`),
    { options: { functions } },
  ],
  [
    'references of the encoding',
    'superjson CVE-2022-23631',
    'a path of references wrote to prototypes',
    roundTrip(`{ a: [1], b: [2], c: '__proto__.polluted', d: [-0, [3], ['b', 0]] }`),
    { options: { functions } },
  ],
  [
    'cycles and shared parts',
    'new',
    'a walk without end',
    roundTrip(
      `(() => { const a = { m: new Map(), s: new Set(), l: [] }; a.self = a; a.m.set(a, a.s); a.s.add(a.l); a.l.push(a.l, a); return a })()`,
    ),
    { options: { functions } },
  ],
  [
    'deep nesting',
    'new',
    'each level is a frame of the stack',
    roundTrip(`(() => { let a = {}; for (let i = 0; i < 20000; i++) a = i % 2 ? [a] : { a }; return a })()`),
    { options: { functions } },
  ],
  [
    'an array of holes',
    'new',
    'a length costs nothing in the guest',
    roundTrip(`Object.assign([], { length: 2 ** 32 - 1 })`),
    { options: { functions } },
  ],
  [
    'an array-like length',
    'new',
    'a length that is not a number',
    roundTrip(
      `[{ length: 2 ** 53 }, { length: -1 }, { length: '__proto__' }, { length: { valueOf: () => 9 } }.length.valueOf()]`,
    ),
    { options: { functions } },
  ],
  [
    'names of the prototype chain as keys',
    'vm2 CVE-2021-23449',
    'a key was looked up before it was defined',
    roundTrip(
      `Object.fromEntries(['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', '__defineGetter__', '__lookupGetter__', '__proto__', 'length', ''].map((k) => [k, -0]))`,
    ),
    { options: { functions } },
  ],
  [
    'map keys that are no text',
    'new',
    'keys became properties',
    roundTrip(`new Map([['__proto__', 1], [NaN, 1], [-0, 1], [{}, 1], [undefined, 1], ['constructor', {}]])`),
    { options: { functions } },
  ],
  [
    'boxed and odd primitives',
    'new',
    'a box has properties',
    roundTrip(`[Object('x'), Object(1n), Object(false), Object(NaN), -0, 1e400, -(10n ** 400n)]`),
    { options: { functions } },
  ],
  [
    'views that overlap and lie',
    'new',
    'offsets were trusted',
    roundTrip(
      `(() => { const b = new ArrayBuffer(64); return [new Uint8Array(b, 1, 3), new Float64Array(b, 8, 2), new DataView(b, 63), b, new Uint8Array(0)] })()`,
    ),
    { options: { functions } },
  ],
  [
    'subclasses with getters',
    'vm2 attack category 6',
    'brands were told by names',
    roundTrip(
      `[new (class extends Map { get size() { return leak } })(), new (class extends Date { getTime() { return leak } })(), new (class extends Uint8Array { get length() { return 1e9 } get byteLength() { return 1e9 } get buffer() { return {} } })(2)]`,
    ),
    { options: { functions } },
  ],
  [
    'objects that claim a brand',
    'new',
    'prototypes were taken for brands',
    roundTrip(
      `[Map, Set, Date, RegExp, ArrayBuffer, Uint8Array, String, Number, BigInt].map((kind) => Object.create(kind.prototype))`,
    ),
    { options: { functions } },
  ],
  [
    'errors with odd parts',
    'vm2 GHSA-m283-3h24-438v',
    'causes were walked without a look',
    roundTrip(
      `(() => { const e = new AggregateError([1, [2]], 'm', { cause: null }); e.cause = e; e.errors.push(e); e.name = '__proto__'; e.stack = { a: 1 }; return Object.assign(e, { constructor: 1, code: [] }) })()`,
    ),
    { options: { functions } },
  ],
  [
    'errors that name a constructor',
    'superjson CVE-2022-23631',
    'the name chose what was constructed',
    roundTrip(
      `['constructor', 'Function', '__proto__', 'Object', 'RangeError'].map((name) => Object.assign(new Error('m'), { name }))`,
    ),
    { options: { functions } },
  ],
  [
    'a regular expression with odd source',
    'serialize-javascript CVE-2019-16769',
    'source was put into code',
    roundTrip(String.raw`[/[/]\/<\/script>/, new RegExp('\n\u2028/'), /(?<__proto__>a)/v, new RegExp('')]`),
    { options: { functions } },
  ],
  [
    'a pattern that is long to build',
    'new',
    'the host constructed it, on its own thread and with no deadline',
    "export default () => new RegExp('[' + '\\\\p{L}'.repeat(600) + ']', 'u')",
    { ...program, ends: ['threw'] },
  ],
  [
    'many patterns that are long to build',
    'new',
    'each alone was short',
    "export default () => Array.from({ length: 500 }, (_, n) => new RegExp('[\\\\W\\\\W\\\\W]' + n, 'iu'))",
    { ...program, ends: ['threw'] },
  ],
  [
    'line separators',
    'serialize-javascript CVE-2020-7660',
    'JSON was taken for JavaScript',
    roundTrip(String.raw`'\u2028\u2029*/</script><!--${'${1}'}\u0000\ud800'`),
    { options: { functions } },
  ],
  [
    'arguments that are no data',
    'vm2 attack category 6',
    'what could not be copied was passed as it was',
    `const { echo, now } = await import('host'); for (const bad of [() => {}, Symbol(), new WeakMap(), Promise.resolve(), globalThis, new Proxy(() => {}, {}), (function* () {})()]) { await attempt(() => echo(bad), 'echo'); await attempt(() => now({ bad }), 'now') }`,
    { options: { functions } },
  ],
  [
    'too many arguments',
    'new',
    'arguments are spread onto the stack',
    `const { echo, now } = await import('host'); await attempt(() => echo(...new Array(60000).fill(1)), 'echo'); await attempt(() => now(...new Array(60000).fill([])), 'now')`,
    { options: { functions } },
  ],
  [
    'a huge argument',
    'new',
    'the host copied before it counted',
    `const { echo } = await import('host'); await attempt(() => echo('x'.repeat(2 ** 24)), 'echo'); await attempt(() => echo(['x'.repeat(2 ** 28), 1]), 'rope')`,
    { options: { functions } },
  ],
  [
    'a rope as the result',
    'new',
    '400 MB of host for 40 bytes of guest',
    `export default () => 'x'.repeat(2 ** 28)`,
    { ...program, options: { limits } },
  ],
  [
    'a rope as a key',
    'new',
    'keys were written before they were counted',
    `export default () => ({ ['x'.repeat(2 ** 26)]: 1 })`,
    { ...program, options: { limits } },
  ],
  [
    'a rope in the log',
    'new',
    'the console flattened it',
    `export default () => { console.log('%s', 'x'.repeat(2 ** 28)); return 1 }`,
    { ...program, options: { limits } },
  ],
  [
    'a bigint without end',
    'new',
    'its text takes quadratic time',
    `export default () => 1n << 20000000n`,
    { ...program, options: { limits } },
  ],
  [
    'an exponential result',
    'CVE-2003-1564, billion laughs',
    'shared parts were written out each time',
    `export default () => { let a = ['lol']; for (let i = 0; i < 60; i++) a = [a, a]; return a }`,
    program,
  ],
  [
    'a transfer list that lies',
    'new',
    'the list was iterated by its length',
    `for (const transfer of [{ length: 1, 0: {} }, [1], [null], new Proxy([], { get: (t, k) => { leak(t, 'target'); return k === 'length' ? 1 : {} } }), 'x']) await attempt(() => structuredClone(1, { transfer }), 'transfer')`,
  ],
])
