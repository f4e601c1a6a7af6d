import { type Family, family } from '../attack.ts'

const functions = { data: async () => ({ list: [new Map([['a', 1]])] }), now: { call: () => new Date(0), sync: true } }

/** Every object leads by its constructor to a `Function`; the host's would compile in the host. */
export const CONSTRUCTOR_CHAINS: Family = family('constructor chains', [
  [
    'this of a script',
    'safe-eval CVE-2017-16088',
    'the context was an object of the host, and so was its constructor',
    'leak(this, "this"); leak(globalThis.constructor, "its constructor")',
    { as: 'sloppy' },
  ],
  [
    'this after its constructor was deleted',
    'safe-eval #18',
    'a shadowing constructor hid the inherited one, until it was deleted',
    'delete globalThis.constructor; leak(globalThis.constructor?.is, "Object.is")',
    { as: 'sloppy' },
  ],
  [
    'this of a function called by an array method',
    'safe-eval #28',
    'sloppy functions get the global object for a missing this',
    'leak([1].map(function () { return this })[0], "this")',
    { as: 'sloppy' },
  ],
  [
    'the console',
    'safer-eval #6',
    'the console was the host object itself',
    'leak(console, "console"); for (const key of Object.keys(console)) leak(console[key], key)',
  ],
  [
    'what the console returns',
    'safer-eval #6',
    'a method handed back a value of the host',
    'for (const key of Object.keys(console)) await attempt(() => console[key]("%o", {}), key)',
  ],
  [
    'timers',
    'new',
    'timers were lent as functions of the host',
    'leak(setTimeout, "setTimeout"); leak(setTimeout(() => {}), "a handle"); leak(clearInterval, "clearInterval")',
  ],
  [
    'arguments of the callback of a timer',
    'vm2 attack category 5',
    'the host called back with its own arguments object',
    'await new Promise((done) => setTimeout(function (...args) { leak(args, "arguments"); leak(this, "this"); done() }, 1, {}))',
  ],
  [
    'the input',
    'Node documentation of vm',
    'the input was an object of the host',
    'leak(input, "input")',
    {
      options: {
        input: { list: [new Map([[{}, new Set([[]])]]), new Date(), /a/, new Error('e'), new Uint8Array(1)] },
      },
    },
  ],
  [
    'what a host function answers',
    'vm2 GHSA-55hx-c926-fr95',
    'a promise of the host was handed over',
    'const { data } = await import("host"); leak(data(), "promise"); await attempt(data, "answer")',
    { options: { functions } },
  ],
  [
    'what a synchronous host function answers',
    'vm2 attack category 1',
    'results were passed as they were',
    'const { now } = await import("host"); leak(now, "function"); await attempt(now, "answer")',
    { options: { functions } },
  ],
  [
    'an error of the engine',
    'vm2 attack category 1',
    'errors thrown by built-ins of the host were of the host',
    'await attempt(() => null.x); await attempt(() => undefined()); await attempt(() => BigInt(1.5)); await attempt(() => [].reduce((a) => a))',
  ],
  [
    'an error of the kernel',
    'vm2 attack category 4',
    'the sandbox threw its own errors from outside',
    'await attempt(() => structuredClone(() => {})); await attempt(() => setTimeout("x")); await attempt(() => queueMicrotask(1))',
  ],
  [
    'the error of a missing module',
    'vm2 attack category 13',
    'the loader threw an error of the host',
    'await attempt(() => import("./no" + "where"), "import")',
  ],
  ['import.meta', 'new', 'import.meta was an object of the host loader', 'leak(import.meta, "meta")'],
  [
    'the namespace of a module',
    'isolated-vm CVE-2021-21413',
    'a namespace was a reference into the host',
    'leak(await import("./other.js"), "namespace")',
    { options: { modules: { './other.js': 'export const a = {}; export default () => 1' } } },
  ],
  [
    'the namespace of host functions',
    'isolated-vm CVE-2021-21413',
    'a reference followed prototypes into the host',
    'const host = await import("host"); leak(host, "host"); note(host.constructor === undefined && host.toString === undefined ? "" : "inherits")\nreport = report.trim()',
    { options: { functions } },
  ],
  [
    'a computed constructor',
    'n8n CVE-2025-68613',
    'only the plain name was filtered',
    'leak((() => {})["con" + "structor"]); leak((() => {})[["constructor"]])',
  ],
  [
    'a constructor named by a template',
    'n8n GHSA-v98v-ff95-f3cp',
    'the filter read string literals only',
    'leak((() => {})[`constructor`][`constructor`]); leak([]?.[`const${"ructor"}`])',
  ],
  [
    'a constructor found by with',
    'n8n CVE-2026-1470',
    'within with, the bare name is a property',
    'with (function () {}) { await attempt(() => constructor("return process")()) }',
    { as: 'sloppy' },
  ],
  [
    'a constructor by destructuring',
    'n8n CVE-2025-68613',
    'filters looked at member expressions only',
    'const { constructor: { constructor: F } } = {}; await attempt(() => F("return process")())',
  ],
  [
    'the parent of Function',
    'evel #18',
    'the name was shadowed and its prototype forgotten',
    'leak(Function.__proto__.constructor, "parent"); leak(Object.getPrototypeOf(Function), "prototype")',
  ],
  [
    'getters of built-ins',
    'vm2 GHSA-grj5-jjm8-h35p',
    'accessors of the host came through unwrapped',
    'for (const [holder, key] of [[Map.prototype, "size"], [RegExp.prototype, "flags"], [Object.prototype, "__proto__"], [Symbol.prototype, "description"]]) leak(Object.getOwnPropertyDescriptor(holder, key).get, key)',
  ],
  [
    'a looked-up getter of __proto__',
    'vm2 GHSA-vwrp-x96c-mhwq',
    'the raw getter climbed the prototypes of the host',
    'const climb = ({}).__lookupGetter__("__proto__"); for (let at = console.log; at; at = climb.call(at)) leak(at, "ancestor")',
  ],
  [
    'defining a getter out of a constructor',
    'static-eval #32',
    '__defineGetter__ wrote to the prototypes of the host',
    '({})["__proto__"]["__defineGetter__"]("polluted", ({})["constructor"]); delete Object.prototype.polluted',
  ],
  [
    'bound functions and their names',
    'vm2 attack category 10',
    'bind made a function of the other realm',
    'leak(console.log.bind(), "bound"); leak(Function.prototype.bind, "bind"); leak(Function.prototype.call, "call")',
  ],
  [
    'iterators of everything',
    'vm2 GHSA-3vgf-8m4q-q4qr',
    'iterator prototypes were not among the wrapped ones',
    'for (const list of [[], "", new Map(), new Set(), new Uint8Array(1)]) leak(list[Symbol.iterator](), "iterator"); leak("a".matchAll(/a/g), "matches"); leak(Iterator.from([]), "helper")',
  ],
  [
    'formatters of Intl',
    'vm2 GHSA-vwrp-x96c-mhwq',
    'Intl was left out of the list of intrinsics',
    'for (const key of ["NumberFormat", "DateTimeFormat", "Collator", "Segmenter"]) leak(new Intl[key](), key); leak(new Intl.Segmenter().segment("a"), "segments")',
  ],
  [
    'every global there is',
    'vm2 attack category 1',
    'one forgotten global was enough',
    'for (let at = globalThis; at; at = Object.getPrototypeOf(at)) for (const key of Reflect.ownKeys(at)) leak(Object.getOwnPropertyDescriptor(at, key), String(key))',
  ],
])
