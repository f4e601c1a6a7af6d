import type { Attack } from '../attack.ts'
import { awaits, does, isDenied } from '../attack.ts'

const CALLS = {
  limits: { hostCalls: 100, wallMs: 400 },
  functions: {
    lookup: () => 1,
    fails: () => Promise.reject(new Error('no')),
    waits: () => new Promise(() => {}),
    ask: { call: () => 1, sync: true },
  },
}
const calling = (title: string, body: string, ends: Attack['ends']): Attack => ({
  title,
  source: `import { lookup, fails, waits, ask } from 'host'\nexport default async () => { ${body} }`,
  ends,
  options: CALLS,
})

/** Programs that send the host more than it asked for. */
export const FLOODS: readonly Attack[] = [
  does('many small lines', `for (;;) console.log('x')`, 'logBytes'),
  does('many small lines, errors caught', `for (;;) try { console.log('x') } catch {}`, ['logBytes', 'wallMs']),
  does('one huge line', `console.log('x'.repeat(2 ** 24)); return 1`, ['logBytes', 'returned 1']),
  does('one line that is a rope', `let s = 'x'; for (let i = 0; i < 28; i++) s += s; console.log(s); return 1`, [
    'logBytes',
    'returned 1',
  ]),
  does('lines of deep objects', `let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; for (;;) console.log(o)`, [
    'logBytes',
    'wallMs',
  ]),
  does(
    'lines of wide objects',
    `const o = Array.from({ length: 1e4 }, (_, i) => ({ i })); for (;;) console.log(o, o, o)`,
    ['logBytes', 'wallMs'],
  ),
  does('lines of objects in circles', `const o = {}; o.o = [o, o]; for (;;) console.log(o)`, 'logBytes'),
  does(
    'lines of objects that double with each level',
    `let o = 'x'; for (let i = 0; i < 60; i++) o = { a: o, b: o }; for (;;) console.dir(o, { depth: Infinity })`,
    'logBytes',
  ),
  does(
    'tables',
    `const rows = Array.from({ length: 1000 }, (_, i) => ({ i, ['c' + i]: i })); for (;;) console.table(rows)`,
    ['logBytes', 'wallMs', 'memoryBytes'],
  ),
  does('groups in groups', `for (;;) console.group('x')`, 'logBytes'),
  does(
    'groups without a line, and then one',
    `for (let i = 0; i < 1e5; i++) console.group(); console.log('x'); return 1`,
    'returned 1',
  ),
  does('names of counters', `for (let i = 0; ; i++) console.count('name' + i)`, 'logBytes'),
  does('names of timers, which write nothing', `for (let i = 0; ; i++) console.time('name' + 'x'.repeat(500) + i)`, [
    'wallMs',
    'memoryBytes',
    'threw RangeError',
  ]),
  does('traces', `const deep = (n) => (n === 0 ? console.trace('x') : deep(n - 1)); for (;;) deep(100)`, 'logBytes'),
  does('formats that pad without end', `for (;;) console.log('%s'.repeat(10_000), ...new Array(10_000).fill('x'))`, [
    'logBytes',
    'wallMs',
  ]),
  does(
    'warnings and errors',
    `for (;;) { console.warn('x'); console.error('x'); console.info('x'); console.debug('x') }`,
    ['logBytes', 'wallMs'],
  ),
  does(
    'a logged value that logs',
    `const o = { toString() { console.log('%s', o); return 'x' } }; console.log('%s', o)`,
    ['threw RangeError', 'logBytes', 'returned undefined', 'wallMs'],
  ),
  does(
    'a logged proxy that never answers',
    `console.log(new Proxy({}, { ownKeys() { for (;;); }, get() { for (;;); }, getPrototypeOf() { for (;;); } })); return 1`,
    ['wallMs', 'returned 1'],
  ),
  calling(
    '10,000 calls at once',
    `return Promise.all(Array.from({ length: 10_000 }, () => lookup())).then((all) => all.length)`,
    'hostCalls',
  ),
  calling(
    '100 calls at once, which are allowed',
    `return (await Promise.all(Array.from({ length: 100 }, () => lookup()))).length`,
    'returned 100',
  ),
  calling('calls, errors caught', `for (;;) try { await lookup() } catch {}`, ['hostCalls', 'wallMs']),
  calling('calls without waiting, errors caught', `for (;;) try { lookup().catch(() => {}) } catch {}`, [
    'hostCalls',
    'wallMs',
  ]),
  calling('synchronous calls', `for (;;) ask()`, 'hostCalls'),
  calling('synchronous calls, errors caught', `for (;;) try { ask() } catch {}`, ['hostCalls', 'wallMs']),
  calling('calls that are never answered', `return Promise.all(Array.from({ length: 90 }, () => waits()))`, 'wallMs'),
  calling(
    'calls that fail and nobody catches',
    `for (let i = 0; i < 90; i++) fails(); await new Promise(() => {})`,
    'threw Error',
  ),
  calling(
    'calls with arguments far too large',
    `const s = 'x'.repeat(2 ** 23); try { await lookup(s) } catch (error) { return error.name }`,
    'returned OutputTooLarge',
  ),
  calling('calls from a getter of an argument', `const o = { get again() { ask(o); return 1 } }; for (;;) ask(o)`, [
    'threw RangeError',
    'hostCalls',
  ]),
  calling('calls from a getter of the result', `return { get again() { for (;;) ask() } }`, 'hostCalls'),
  calling('calls from a conversion in the console', `for (;;) console.log('%s', { toString() { ask(); return '' } })`, [
    'hostCalls',
    'logBytes',
  ]),
  awaits(
    '100,000 timers',
    `try { for (let i = 0; i < 1e5; i++) setTimeout(() => {}, 1) } catch (error) { return error.name }`,
    'returned RangeError',
  ),
  awaits('timers started and stopped', `for (;;) clearTimeout(setTimeout(() => {}, 1e6))`, 'wallMs'),
  awaits(
    'intervals without a pause',
    `for (let i = 0; i < 100; i++) setInterval(() => {}, 0); await new Promise(() => {})`,
    'wallMs',
  ),
  awaits(
    'timers that start two more each',
    `const again = () => { setTimeout(again, 0); setTimeout(again, 0) }; again(); await new Promise(() => {})`,
    ['wallMs', 'threw RangeError'],
  ),
  awaits(
    'timers of absurd delays',
    `for (const ms of [NaN, -1, Infinity, -Infinity, 2 ** 31, 2 ** 53, '9e99', {}, null]) await new Promise((go) => setTimeout(go, ms)); return 'all of them'`,
    'returned all of them',
  ),
  awaits('a timer whose delay spins', `setTimeout(() => {}, { valueOf() { for (;;); } })`, 'wallMs'),
  awaits(
    '100,000 rejections nobody handles',
    `for (let i = 0; i < 1e5; i++) Promise.reject(i); await new Promise(() => {})`,
    ['threw Thrown', 'wallMs', 'memoryBytes', 'threw Error'],
  ),
  awaits(
    'rejections that reject again',
    `const again = () => { Promise.reject(new Error('x')); setTimeout(again) }; again(); await new Promise(() => {})`,
    'threw Error',
  ),
  does(
    'an error with 100,000 causes',
    `let error; for (let i = 0; i < 1e5; i++) error = new Error('because', { cause: error }); throw error`,
    ['threw Error', 'wallMs'],
  ),
  does(
    'an error with 100,000 causes, logged',
    `let error; for (let i = 0; i < 1e5; i++) error = new Error('because', { cause: error }); console.log(error); return 1`,
    ['returned 1', 'logBytes', 'wallMs'],
  ),
  does(
    'an error of errors of errors',
    `let error = new Error('x'); for (let i = 0; i < 50; i++) error = new AggregateError([error, error], 'both'); console.log(error); throw error`,
    ['threw AggregateError', 'logBytes', 'wallMs'],
  ),
  does(
    'an error that is its own cause',
    `const error = new Error('x'); error.cause = error; console.log(error); throw error`,
    'threw Error',
  ),
  does('a result that nests 100,000 deep', `let o = 1; for (let i = 0; i < 1e5; i++) o = [o]; return o`, [
    'outputBytes',
    'wallMs',
  ]),
  does(
    'a result that nests 2,000 deep',
    `let o = 1; for (let i = 0; i < 2000; i++) o = [o]; return o`,
    'returned object',
  ),
  does(
    'a recursion within a getter of the result',
    `const o = { get o() { return { get o() { return o.o } } } }; return o`,
    ['outputBytes', 'threw RangeError', 'wallMs', 'memoryBytes'],
  ),
  does(
    'a recursion within a proxy',
    `const p = new Proxy({}, { get: (_, key) => p[key] }); return p.x`,
    'threw RangeError',
  ),
  does(
    'a recursion within JSON',
    `const o = { toJSON: () => JSON.stringify(o) }; return JSON.stringify(o)`,
    'threw RangeError',
  ),
  does(
    'a recursion within the console',
    `const o = { get [Symbol.toStringTag]() { console.log(o); return 'x' } }; console.log(o); return 1`,
    ['returned 1', 'threw RangeError', 'logBytes', 'wallMs'],
  ),
  does('a recursion within a sort', `const by = () => { [2, 1].sort(by); return 0 }; return [2, 1].sort(by)`, [
    'threw RangeError',
    'wallMs',
  ]),
  does('a recursion within a clone', `const o = { get o() { return structuredClone(o) } }; return structuredClone(o)`, [
    'threw RangeError',
    'threw DataCloneError',
    'wallMs',
  ]),
  isDenied('an empty recursion', `const deep = () => deep() + 1; return deep()`, 'RangeError'),
  {
    title: 'an input that is read as deep as it goes',
    source: `export default (input) => { let depth = 0; for (let at = input; Array.isArray(at); at = at[0]) depth++; return depth }`,
    ends: 'returned 5000',
    options: { input: nested(5000) },
  },
  {
    title: 'an export that spins when it is asked for',
    source: `export const a = () => {}; export default () => { for (;;); }`,
    ends: 'wallMs',
  },
]

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}
