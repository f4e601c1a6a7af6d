import { type Attack, awaits, does, isDenied } from '../attack.ts'

/** The limit of memory decides; where it is looked at between turns, the deadline of the turn. */
const OVER = ['memoryBytes', 'wallMs'] as const
const AMPLE = { limits: { wallMs: 250, memoryBytes: 16 * 2 ** 20 } }

/** Programs that keep all they can get. */
export const MEMORY: readonly Attack[] = [
  does('plain objects in a list', `const kept = []; for (;;) kept.push({ a: kept.length, b: [] })`, OVER, AMPLE),
  does('a dictionary of ever new keys', `const kept = {}; for (let i = 0; ; i++) kept['key' + i] = i`, OVER, AMPLE),
  does(
    'a dictionary of numbers far apart',
    `const kept = {}; for (let i = 0; ; i++) kept[i * 1000003] = i`,
    OVER,
    AMPLE,
  ),
  does('a map', `const kept = new Map(); for (let i = 0; ; i++) kept.set(i, [i])`, OVER, AMPLE),
  does('a set', `const kept = new Set(); for (let i = 0; ; i++) kept.add({ i })`, OVER, AMPLE),
  does(
    'a weak map whose keys are kept',
    `const kept = [], map = new WeakMap(); for (;;) { const key = {}; kept.push(key); map.set(key, [1, 2, 3]) }`,
    OVER,
    AMPLE,
  ),
  does(
    'texts of their own',
    `const kept = []; for (let i = 0; ; i++) kept.push(('x' + i).repeat(100).split('').join(''))`,
    OVER,
    AMPLE,
  ),
  does(
    'a rope, read',
    `let s = 'abc'; for (;;) { s += s + Math.random(); s.charCodeAt(0) }`,
    [...OVER, 'threw RangeError'],
    AMPLE,
  ),
  does(
    'pieces that keep whole texts',
    `const kept = []; for (let i = 0; ; i++) kept.push(('y' + i).repeat(5000).slice(3, 30))`,
    OVER,
    AMPLE,
  ),
  does(
    'arrays of arrays',
    `const grow = () => Array.from({ length: 50 }, grow); return grow()`,
    [...OVER, 'threw RangeError'],
    AMPLE,
  ),
  does('one array, doubled', `let kept = [1]; for (;;) kept = kept.concat(kept)`, [...OVER, 'threw RangeError'], AMPLE),
  does('one array, filled', `return new Array(2 ** 23).fill().map(() => ({})).length`, OVER, AMPLE),
  does('closures', `const kept = []; for (;;) { const big = [1, 2, 3, 4, 5, 6]; kept.push(() => big) }`, OVER, AMPLE),
  does('classes', `const kept = []; for (;;) kept.push(class { a = 1; static b = []; m() {} })`, OVER, AMPLE),
  does(
    'symbols',
    `const kept = []; for (let i = 0; ; i++) kept.push(Symbol.for('symbol' + i), Symbol(i))`,
    OVER,
    AMPLE,
  ),
  does(
    'regular expressions',
    `const kept = []; for (let i = 0; ; i++) { const r = new RegExp('a' + i + '(b|c)*d'); r.test('abcd'); kept.push(r) }`,
    OVER,
    AMPLE,
  ),
  does(
    'captures',
    `const kept = []; for (;;) kept.push(...'abcdef'.repeat(200).matchAll(/((((.)))).?/g))`,
    OVER,
    AMPLE,
  ),
  does(
    'stacks of errors',
    `const kept = []; const deep = (n) => (n === 0 ? kept.push(new Error('e')) : deep(n - 1)); for (;;) { deep(50); kept.at(-1).stack }`,
    OVER,
    AMPLE,
  ),
  does('causes of errors', `let error; for (;;) error = new Error('because', { cause: error })`, OVER, AMPLE),
  does(
    'formatters',
    `const kept = []; for (;;) kept.push(new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' }))`,
    OVER,
    AMPLE,
  ),
  does('bound functions', `let f = () => {}; for (;;) f = f.bind(null, [1, 2, 3])`, OVER, AMPLE),
  does('proxies', `let kept = {}; for (;;) kept = new Proxy({ kept }, {})`, OVER, AMPLE),
  does(
    'generators that wait',
    `const kept = []; for (;;) { const g = (function* (a) { yield a })([1, 2, 3]); g.next(); kept.push(g) }`,
    OVER,
    AMPLE,
  ),
  does('big integers', `const kept = []; for (let i = 1n; ; i++) kept.push(i << 10_000n)`, OVER, AMPLE),
  does(
    'buffers, written',
    `const kept = []; for (;;) kept.push(new Uint8Array(2 ** 20).fill(1))`,
    [...OVER, 'threw RangeError'],
    AMPLE,
  ),
  does(
    'small typed arrays',
    `const kept = []; for (;;) kept.push(new Float64Array(16))`,
    [...OVER, 'threw RangeError'],
    AMPLE,
  ),
  does(
    'typed arrays made of one another',
    `let a = new Float64Array(1024); for (;;) { const b = new Float64Array(a.length * 2); b.set(a); a = b }`,
    [...OVER, 'threw RangeError'],
    AMPLE,
  ),
  does('promises in a chain', `let p = Promise.resolve(); for (;;) p = p.then(() => [1, 2, 3])`, OVER, AMPLE),
  does(
    'promises that never settle',
    `const kept = []; for (;;) kept.push(new Promise(() => {}).then(() => kept))`,
    OVER,
    AMPLE,
  ),
  does(
    'clones',
    `const kept = []; const list = Array.from({ length: 1000 }, (_, i) => ({ i })); for (;;) kept.push(structuredClone(list))`,
    OVER,
    AMPLE,
  ),
  awaits(
    'microtasks that make two more each',
    `const again = () => { queueMicrotask(again); queueMicrotask(again) }; again(); await new Promise(() => {})`,
    OVER,
    AMPLE,
  ),
  awaits(
    'promises that make two more each',
    `const again = () => Promise.resolve().then(() => Promise.all([again(), again()])); await again()`,
    OVER,
    AMPLE,
  ),
  awaits(
    'asynchronous functions that wait for one another',
    `const wait = async (p) => { await p }; let p = new Promise(() => {}); for (;;) p = wait(p)`,
    OVER,
    AMPLE,
  ),
  awaits(
    'a little more with every turn',
    `const kept = []; for (;;) { kept.push(new Array(2 ** 15).fill(1)); await new Promise((go) => setTimeout(go)) }`,
    ['memoryBytes'],
    { limits: { wallMs: 10_000 } },
  ),
  {
    ...does(
      'a buffer that no machine has room for',
      `try { return new ArrayBuffer(2 ** 45) } catch (error) { return error.name }`,
      ['returned RangeError', ...OVER],
    ),
    everywhere: true,
  },
  isDenied('an array of a length there is not', `return new Array(-1)`, 'RangeError'),
  does('a result that is a little too large', `return 'x'.repeat(64 * 1024)`, 'outputBytes'),
  does(
    'a result that is a rope far too large',
    `let s = 'x'; for (let i = 0; i < 28; i++) s += s; return s`,
    'outputBytes',
  ),
  does(
    'a result that repeats itself in lists',
    `let v = ['x'.repeat(100)]; for (let i = 0; i < 30; i++) v = [...v.slice(-1), ...v.slice(-1)].map((x) => [x, x]); return v`,
    'returned object',
  ),
  does('a result that is an array of nothing', `return new Array(2 ** 32 - 1)`, 'outputBytes'),
  does('a result that is a map of many', `return new Map(Array.from({ length: 50_000 }, (_, i) => [i, i]))`, [
    'outputBytes',
    'memoryBytes',
  ]),
  does('a result that is a large buffer', `return new Uint8Array(2 ** 20)`, 'outputBytes'),
  does(
    'a result that is a window of a large buffer',
    `return new Uint8Array(2 ** 22).subarray(0, 10).length`,
    'returned 10',
  ),
  does('a result whose keys are large', `return { ['k'.repeat(2 ** 17)]: 1 }`, 'outputBytes'),
  does('a result that is one large number', `return 1n << 1_000_000n`, 'outputBytes'),
  does('an error whose message is large', `throw new Error('x'.repeat(2 ** 24))`, 'threw Error'),
  does('an error whose name is large', `throw Object.assign(new Error('x'), { name: 'N'.repeat(2 ** 24) })`, [
    'threw [text of 16777216 characters]',
  ]),
]
