import { type Attack, awaits, does } from '../attack.ts'

/** Programs that refuse to end, by the means of the language. */
export const CONTROL_FLOW: readonly Attack[] = [
  does('a loop that catches whatever is thrown at it', `for (;;) try { for (;;); } catch {}`, 'wallMs'),
  does('a loop that goes on in finally', `for (;;) { try { for (;;); } finally { continue } }`, 'wallMs'),
  does('a return replaced by a loop in finally', `try { return 1 } finally { for (;;); }`, 'wallMs'),
  does('a labelled loop left and entered again', `outer: for (;;) { for (;;) { continue outer } }`, 'wallMs'),
  does(
    'a function that calls itself again from finally',
    `const again = () => { try { again() } finally { again() } }; again()`,
    'wallMs',
  ),
  does(
    'a recursion that recovers from every overflow',
    `const deep = () => { try { deep() } catch { deep() } }; for (;;) deep()`,
    'wallMs',
  ),
  does(
    'a switch that never leaves',
    `let state = 0; for (;;) switch (state) { case 0: state = 1; break; default: state = 0 }`,
    'wallMs',
  ),
  does(
    'spread of an iterator that never ends',
    `return Math.max(...{ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) })`,
    ['wallMs', 'memoryBytes', 'threw RangeError'],
  ),
  does(
    'a list from an iterator that never ends',
    `return Array.from({ [Symbol.iterator]: () => ({ next: () => ({ value: undefined }) }) }, () => 0).length`,
    ['wallMs', 'memoryBytes'],
  ),
  does('a list from an array-like that is endless', `return Array.from({ length: Infinity })`, [
    'wallMs',
    'memoryBytes',
    'threw RangeError',
  ]),
  does('destructuring that skips for ever', `const [...rest] = function* () { for (;;) yield }(); return rest.length`, [
    'wallMs',
    'memoryBytes',
  ]),
  does(
    'an iterator that does nothing, for ever',
    `for (const _ of { [Symbol.iterator]: () => ({ next: () => ({}) }) });`,
    'wallMs',
  ),
  does(
    'an iterator whose return spins',
    `for (const _ of { [Symbol.iterator]: () => ({ next: () => ({}), return() { for (;;); } }) }) break`,
    'wallMs',
  ),
  does('a generator that delegates to itself', `function* again() { yield* again() } return [...again()]`, [
    'threw RangeError',
    'wallMs',
  ]),
  does(
    'a map from entries that never end',
    `return new Map({ [Symbol.iterator]: () => ({ next: () => ({ value: [1, 1] }) }) })`,
    'wallMs',
  ),
  awaits(
    'for await over an iterator that never ends',
    `for await (const _ of { [Symbol.asyncIterator]: () => ({ next: async () => ({}) }) });`,
    'wallMs',
  ),
  awaits('try and finally around an await, for ever', `for (;;) try { await null } finally { continue }`, 'wallMs'),
  awaits(
    'an await in finally that never comes back',
    `try { return 1 } finally { await new Promise(() => {}) }`,
    'wallMs',
  ),
  awaits('a rejection caught and made again', `for (;;) await Promise.reject(1).catch(() => {})`, 'wallMs'),
  awaits(
    'a thenable that answers with itself',
    `const self = { then(resolve) { resolve(self) } }; return self`,
    'wallMs',
  ),
  awaits('a race of promises without members', `return Promise.race([])`, 'wallMs'),
  awaits(
    'an asynchronous generator that is never done',
    `async function* forever() { try { for (;;) yield 1 } finally { yield* forever() } } for await (const _ of forever()) break`,
    ['wallMs', 'returned undefined'],
  ),
  does('a getter that reads itself', `return { get self() { return this.self } }.self`, 'threw RangeError'),
  does('a setter that writes itself', `const o = { set self(v) { this.self = v } }; o.self = 1`, 'threw RangeError'),
  does(
    'a conversion that converts itself',
    `const o = { toString() { return String(o) } }; return '' + o`,
    'threw RangeError',
  ),
  does('a proxy in front of itself', `let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x`, [
    'threw RangeError',
    'wallMs',
  ]),
  does(
    'a proxy that is its own prototype',
    `const p = new Proxy({}, { getPrototypeOf: () => p }); return p instanceof Object`,
    ['threw RangeError', 'wallMs'],
  ),
  does(
    'a proxy that lists keys without end',
    `return Reflect.ownKeys(new Proxy({}, { ownKeys: () => ({ length: 2 ** 53 - 1, get 0() { for (;;); } }) }))`,
    'threw RangeError',
  ),
  does(
    'a proxy whose list of keys is absurdly long',
    `return Reflect.ownKeys(new Proxy({}, { ownKeys: () => new Proxy({}, { get: (_, k) => (k === 'length' ? 2 ** 32 : 'k' + k) }) }))`,
    ['wallMs', 'memoryBytes', 'threw RangeError'],
  ),
  does(
    'a storm of ownKeys',
    `const p = new Proxy({}, { ownKeys: () => Array.from({ length: 1000 }, (_, i) => 'k' + i), getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }); for (;;) Object.assign({}, p)`,
    'wallMs',
  ),
  does(
    'a proxy that is asked for its descriptors for ever',
    `const p = new Proxy({}, { getOwnPropertyDescriptor() { for (;;); }, ownKeys: () => ['a'] }); return { ...p }`,
    'wallMs',
  ),
  does('an instance test that spins', `return {} instanceof { [Symbol.hasInstance]() { for (;;); } }`, 'wallMs'),
  does('a class whose static block spins', `class C { static { for (;;); } }`, 'wallMs'),
  does('a tag function that spins', 'return ((strings) => { for (;;); })`x${1}`', 'wallMs'),
]
