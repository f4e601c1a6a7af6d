import { type Family, family } from '../attack.ts'

const functions = { echo: (value: unknown) => value, now: { call: (value: unknown) => value, sync: true } }

/** Traps and species run where somebody else works on what the guest gave. */
export const PROXIES_AND_SPECIES: Family = family('proxies and species', [
  [
    'a spying result',
    'vm2 attack category 6',
    'the bridge inspected what came back, and the traps saw it',
    `globalThis.result = spy({ a: spy([1], 'inner ') }, 'outer '); await attempt(() => structuredClone(globalThis.result))`,
  ],
  [
    'a spying argument',
    'vm2 CVE-2021-23449',
    'traps ran in the host with its objects',
    `const { echo, now } = await import('host'); await attempt(() => echo(spy({ a: 1 }, 'a ')), 'echo'); await attempt(() => now(spy([spy({}, 'c ')], 'b ')), 'now')`,
    { options: { functions } },
  ],
  [
    'a spy at the console',
    'vm2 CVE-2023-32313',
    'inspection ran traps in the host',
    `console.log(spy({ a: 1 }, 'log '), spy(() => {}, 'f ')); console.table([spy({ a: 1 }, 'table ')]); console.dir(spy(new Map(), 'dir '))`,
  ],
  [
    'a spying function as a callback',
    'vm2 GHSA-qcp4-v2jj-fjx8',
    'the apply trap was handed an arguments list of the host',
    `await new Promise((done) => { setTimeout(spy(() => done(), 'timer ')); queueMicrotask(spy(() => {}, 'micro ')) })`,
  ],
  [
    'a trap that throws a function',
    'vm2 attack category 6',
    'the catcher called what it caught',
    `for (const trap of ['get', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'has']) await attempt(() => structuredClone(new Proxy({}, { [trap]() { throw (x) => leak(x, 'caught') } })), trap)`,
  ],
  [
    'a trap that pollutes while it runs',
    'vm2 attack category 6',
    'a descriptor made meanwhile inherited a getter',
    `await attempt(() => structuredClone([{}, new Proxy({}, { ownKeys() { Object.prototype.get = function () { leak(this, 'get') }; Object.prototype.value = 1; return [] } })])); delete Object.prototype.get; delete Object.prototype.value`,
  ],
  [
    'a revoked proxy everywhere',
    'vm2 attack category 6',
    'looking at it throws, in the realm of whoever looks',
    `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); for (const run of [() => structuredClone(proxy), () => console.log(proxy), () => setTimeout(proxy), () => queueMicrotask(proxy), () => console.table(proxy)]) await attempt(run, 'revoked')`,
  ],
  [
    'a revoked proxy thrown',
    'vm2 attack category 6',
    'the host read name and stack of it',
    `const { proxy, revoke } = Proxy.revocable(new Error(), {}); revoke(); throw proxy`,
    { ends: ['threw'] },
  ],
  [
    'a proxy returned',
    'vm2 CVE-2023-37466',
    'the host awaited it, and the then trap ran',
    `report = new Proxy({}, { get(target, key) { leak(target, 'target'); return key === 'then' ? undefined : report } }); report = ''`,
  ],
  [
    'a proxy of the global object',
    'realms-shim #48',
    'the scope was a proxy whose handler could be reached',
    `leak(new Proxy(globalThis, {}), 'proxy'); const held = Object.create(globalThis); leak(held.Function, 'inherited'); Reflect.set(held, 'Array', 1)`,
  ],
  [
    'a global prototype that is a proxy',
    'new',
    'lookups of missing names ran a trap with host receivers',
    `try { Object.setPrototypeOf(globalThis, new Proxy({}, { has: (_, key) => { leak(key, 'name'); return false }, get(_, key, self) { leak(self, 'receiver') } })) } catch (error) { leak(error, 'refusal') } typeof missing`,
  ],
  [
    'a prototype of Object.prototype',
    'vm2 attack category 2',
    'it is the one prototype everything has',
    `try { Object.setPrototypeOf(Object.prototype, new Proxy({}, {})); note('done') } catch (error) { leak(error, 'refusal') }`,
  ],
  [
    'species of arrays',
    'vm2 #562',
    'the host called map on an array of the guest',
    `const made = []; const list = [1, 2]; list.constructor = { [Symbol.species]: function (n) { made.push(n, this); leak(this, 'this'); return {} } }; for (const run of [() => structuredClone(list), () => console.log(list), () => console.table(list)]) await attempt(run, 'species'); if (made.length) note('constructed')`,
  ],
  [
    'species of arrays given to the host',
    'realms-shim GHSA-7cg8-pq9v-x98q',
    'splice and concat of the host asked for it',
    `class Mine extends Array { static get [Symbol.species]() { note('asked'); return Array } } const { echo } = await import('host'); await attempt(() => echo(Mine.from([1])), 'echo')`,
    { options: { functions } },
  ],
  [
    'species of promises',
    'vm2 attack category 7',
    'then made its promise by a class of the guest',
    `const p = Promise.resolve(1); p.constructor = { [Symbol.species]: class { constructor(run) { run((x) => leak(x, 'resolve'), (x) => leak(x, 'reject')) } } }; await attempt(() => p.then(), 'then'); await attempt(() => p.finally(() => {}), 'finally')`,
  ],
  [
    'species of typed arrays and buffers',
    'vm2 GHSA-3vgf-8m4q-q4qr',
    'copies were made by the class of the guest',
    `class Mine extends Uint8Array { static get [Symbol.species]() { note('asked'); return Uint8Array } } await attempt(() => structuredClone([new Mine(4), new Mine(2).buffer]), 'clone')`,
  ],
  [
    'species of regular expressions',
    'new',
    'split of the host constructed the species',
    `class Mine extends RegExp { static get [Symbol.species]() { note('asked'); return RegExp } get flags() { note('flags'); return 'g' } exec() { note('exec') } } await attempt(() => structuredClone(new Mine('a')), 'clone'); console.log(new Mine('b'))`,
  ],
  [
    'a handler with getters',
    'vm2 GHSA-v37h-5mfm-c47c',
    'the bridge read its own handler through prototypes',
    `Object.prototype.getPrototypeOf = Object.prototype.get = function (...args) { leak(this, 'this'); leak(args, 'args') }; await attempt(() => structuredClone({ a: {} }), 'clone'); delete Object.prototype.get; delete Object.prototype.getPrototypeOf`,
  ],
  [
    'proxies the host is not told of',
    'new',
    'an array by a proxy passes for an array',
    `let n = 0; const list = new Proxy([], { get: (t, k) => k === 'length' ? n++ % 2 ? 3 : 0 : 1, ownKeys: () => ['length', '0'], getOwnPropertyDescriptor: (t, k) => ({ value: 1, configurable: k !== 'length', writable: true, enumerable: k !== 'length' }) }); await attempt(() => structuredClone(list), 'clone'); console.log(list)`,
  ],
  [
    'a proxy as this of built-ins',
    'vm2 GHSA-m5q2-4fm3-vfqp',
    'built-ins unwrapped what they were called on',
    `for (const f of [Map.prototype.get, Promise.prototype.then, Date.prototype.getTime, RegExp.prototype.exec, Function.prototype.toString]) await attempt(() => Reflect.apply(f, spy(() => {}, 'this '), []), f.name)`,
  ],
])
