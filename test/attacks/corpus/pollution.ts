import { type Family, family } from '../attack.ts'

const functions = { echo: (value: unknown) => value, now: { call: (value: unknown) => value, sync: true } }
const keys = { __proto__: { polluted: 1 }, constructor: { prototype: { polluted: 1 } } }

/** What a guest does to its prototypes must stay there, and what it sends must set none. */
export const POLLUTION: Family = family('prototype pollution', [
  [
    'every prototype of its own',
    'vm2 GHSA-vwrp-x96c-mhwq',
    'the prototypes were those of the host',
    'for (const kind of [Object, Array, Function, Promise, Map, Set, Error, String, RegExp, Date]) kind.prototype.polluted = 1',
  ],
  [
    'every function of every prototype',
    'vm2 GHSA-vwrp-x96c-mhwq',
    'a replaced method of the host saw everything the host did',
    'for (const kind of [Map, Set, Date, RegExp, Promise, Array]) for (const key of Reflect.ownKeys(kind.prototype)) try { kind.prototype[key] = function () { leak(this, "this") } } catch {}',
    { ends: ['returned', 'threw', 'exceeded'], options: { limits: { wallMs: 200 } } },
  ],
  [
    'the prototypes of iterators',
    'vm2 GHSA-59g5-pmg6-5gr4',
    'they were not among the protected ones',
    'for (const list of [[], new Map(), new Set(), ""]) Object.getPrototypeOf(list[Symbol.iterator]()).next = function () { leak(this, "this"); return { done: true } }',
  ],
  [
    'the prototypes of buffers',
    'vm2 GHSA-3vgf-8m4q-q4qr',
    'binary data had been left out',
    'for (const kind of [ArrayBuffer, DataView, Uint8Array, Object.getPrototypeOf(Uint8Array)]) Object.defineProperty(kind.prototype, "polluted", { value: 1 })',
  ],
  [
    'a result with __proto__ as a key',
    'vm2 CVE-2021-23449',
    'merging the result wrote to a prototype',
    'report = JSON.parse(\'{"__proto__":{"polluted":1},"a":""}\').a',
  ],
  [
    'arguments with __proto__ as a key',
    'lodash CVE-2019-10744',
    'merging arguments wrote to a prototype',
    'const { echo } = await import("host"); const back = await echo(JSON.parse(\'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\')); leak(back, "back"); if ({}.polluted || back.polluted || Object.getPrototypeOf(back) !== Object.prototype) note("polluted")',
    { options: { functions } },
  ],
  [
    'an input with __proto__ as a key',
    'qs CVE-2022-24999',
    'the input was rebuilt by assignment',
    'leak(input, "input"); if ({}.polluted || input.polluted) note("polluted")',
    { options: { input: JSON.parse(JSON.stringify(keys)) as unknown } },
  ],
  [
    'a clone with __proto__ as a key',
    'vm2 attack category 2',
    'cloning assigned',
    'for (const text of [\'{"__proto__":{"polluted":1}}\', \'{"a":[{"__proto__":null}],"b":-0}\']) { const value = JSON.parse(text); if (text.length > 30) value.b = undefined; const clone = structuredClone(value); if (Object.getPrototypeOf(clone) !== Object.prototype || clone.polluted) note("polluted") }',
  ],
  [
    'a clone of an error with __proto__ as a key',
    'new',
    'errors are filled property by property',
    'const error = new Error("e"); Object.defineProperty(error, "__proto__", { value: { polluted: 1 }, enumerable: true }); const clone = structuredClone(error); if (clone.polluted || Object.getPrototypeOf(clone) !== Error.prototype) note("polluted")',
  ],
  [
    'a clone of an array with __proto__ as a name',
    'new',
    'arrays with names take another way',
    'const list = [1, , 2]; Object.defineProperty(list, "__proto__", { value: { polluted: 1 }, enumerable: true }); const clone = structuredClone(list); if (clone.polluted || Object.getPrototypeOf(clone) !== Array.prototype) note("polluted")',
  ],
  [
    'setters on Object.prototype while data arrives',
    'vm2 GHSA-88hf-g992-jg85',
    'what was assigned fell into the setter',
    'for (const key of ["a", "list", "0", "value"]) Object.defineProperty(Object.prototype, key, { set(value) { leak(this, "this"); leak(value, "value"); note("set " + key) }, configurable: true }); const { echo, now } = await import("host"); await echo({ a: 1 }); now([{ a: [undefined] }]); structuredClone({ a: { a: -0 } })',
    { options: { functions } },
  ],
  [
    'setters on Array.prototype while data arrives',
    'vm2 attack category 28',
    'the bridge pushed into arrays of the guest',
    'for (const key of [0, 1, 2]) Object.defineProperty(Array.prototype, key, { set(value) { leak(this, "this"); leak(value, "value"); note("set " + key) }, configurable: true }); const { echo, now } = await import("host"); await echo([[1], -0]); now([1, 2]); structuredClone([new Map([[1, [2]]])]); console.log([1], "%s", 2); console.table([[1]])',
    { options: { functions } },
  ],
  [
    'descriptor fields on Object.prototype',
    'vm2 attack category 2',
    'a descriptor inherited a getter and was one',
    'for (const key of ["get", "set", "value", "writable", "enumerable", "configurable"]) Object.defineProperty(Object.prototype, key, { __proto__: null, get() { note("read " + key); return undefined }, configurable: true }); const { echo } = await import("host"); await echo([{ a: -0 }]); structuredClone(new Map([[1, new Error("x")]])); console.log({ get: 1 }); void new Error("x").stack',
    { options: { functions } },
  ],
  [
    'a then on Object.prototype',
    'vm2 attack category 51',
    'awaiting any object called it',
    'Object.defineProperty(Object.prototype, "then", { get() { leak(this, "this"); return undefined }, configurable: true }); const { echo } = await import("host"); await echo({}); await import("host")',
    { options: { functions } },
  ],
  [
    'a then that settles the call itself',
    'vm2 attack category 29',
    'the host awaited what the guest had prepared',
    'Object.prototype.then = function (resolve, reject) { leak(resolve, "resolve"); leak(reject, "reject"); delete Object.prototype.then; resolve(this) }',
  ],
  [
    'toJSON on every prototype',
    'vm2 attack category 11',
    'JSON.stringify of the kernel called it',
    'for (const kind of [Object, Array, String, Number, Map, Error]) kind.prototype.toJSON = function () { leak(this, "this"); note("asked"); return "x" }; const { echo } = await import("host"); await echo([{ a: ["b"] }]); console.log([{}]); structuredClone({ a: 1 })',
    { options: { functions } },
  ],
  [
    'toJSON in the answer of a call that fails',
    'new',
    'errors cross as JSON',
    'Object.prototype.toJSON = function () { leak(this, "this"); return { name: "forged", message: report } }; throw new Error(report)',
    { ends: ['threw'] },
  ],
  [
    'options of the host by its prototypes',
    'new',
    'options objects inherit',
    'for (const key of ["shell", "env", "timeout", "signal", "NODE_OPTIONS", "cwd", "stdio"]) Object.prototype[key] = "host-canary"; for (const key of ["shell", "env"]) delete Object.prototype[key]',
  ],
  [
    'freezing everything',
    'vm2 attack category 20',
    'frozen prototypes of the host broke the host',
    'for (const key of Reflect.ownKeys(globalThis)) try { Object.freeze(globalThis[key]); Object.freeze(globalThis[key].prototype) } catch {} Object.freeze(Object.prototype)',
  ],
  [
    'prototypes set to null',
    'vm2 GHSA-9vg3-4rfj-wgcm',
    'what has no prototype was taken for the other realm’s',
    'for (const value of [[], {}, () => {}, new Map(), new Error("x"), new Date(), /a/]) { Object.setPrototypeOf(value, null); await attempt(() => structuredClone(value), "clone"); console.log(value) } throw Object.setPrototypeOf(new Error("x"), null)',
    { ends: ['threw'] },
  ],
])
