import { type Family, family } from '../attack.ts'

const S = String.raw
const functions = { now: { call: () => 1, sync: true } }

/** The kernel and the host have names and objects of their own, which nobody may find. */
export const INTERNALS: Family = family('names of internals', [
  [
    'names of the kernel',
    'vm2 attack category 27',
    'the state of the bridge was a global with a known name',
    S`for (const name of ['kernel', 'guest', 'outbox', 'limits', 'programTable', 'carrySyncCall', 'hostModules', 'moduleRecords', 'encodeData', 'decodeData', 'emit', 'flush', 'primordials', 'internalBinding', 'ivm', '_ivm', 'isolate', 'Reference', '$0', '$1']) if (name in globalThis) note(name)`,
  ],
  [
    'names of Node',
    'Node documentation of vm',
    'one was forgotten',
    S`for (const name of ['process', 'require', 'module', 'exports', 'global', 'Buffer', '__filename', '__dirname', 'setImmediate', 'fetch', 'Worker', 'WebSocket', 'localStorage', 'gc', '%DebugPrint']) if (typeof globalThis[name] !== 'undefined') note(name)`,
  ],
  [
    'the same by bare names',
    'new',
    'the scope of the compiler was open',
    S`for (const look of [() => process, () => require, () => module, () => global, () => Buffer, () => kernel, () => ivm, () => primordials, () => internalBinding]) { try { note(typeof look()) } catch (error) { leak(error, 'error'); if (error.name !== 'ReferenceError') note(error.name) } }`,
  ],
  [
    'script-level names',
    'new',
    'a const of a script is in scope of every script of its realm',
    S`const text = [setTimeout, console.log, structuredClone, queueMicrotask].map((f) => Function.prototype.toString.call(f)).join(); if (/kernel_[0-9a-f]{8}/.test(text)) note('found')`,
  ],
  [
    'names in messages of the engine',
    'new',
    'errors name what they failed on',
    S`for (const run of [() => null.x, () => undefined.y, () => (void 0)(), () => new 1(), () => ({}).x.y, () => missing_name, () => { const a = a }, () => { 'use strict'; Object.freeze([]).push(1) }, () => BigInt('x'), () => new Array(-1), () => 'x'.repeat(-1), () => Symbol() + '', () => JSON.parse('{'), () => decodeURI('%'), () => new Intl.NumberFormat('x-'), () => structuredClone(Symbol())]) { try { run() } catch (error) { leak(error.message, 'message'); leak(error.stack, 'stack'); if (/kernel|primordial|uncurry/i.test(error.message + error.stack)) note(error.message) } }`,
  ],
  [
    'names in the keys of functions',
    'new',
    'a function of the kernel carried something',
    S`for (const f of [setTimeout, clearTimeout, queueMicrotask, structuredClone, console.log, console.table, Function, eval, Proxy, Proxy.revocable, ArrayBuffer, [].indexOf]) for (const key of Reflect.ownKeys(f)) if (!['name', 'length', 'prototype', 'revocable', 'isView', 'arguments', 'caller'].includes(key) && typeof key !== 'symbol') note(f.name + '.' + String(key))`,
  ],
  [
    'private symbols',
    'vm2 attack category 8',
    'hidden state hung on symbols',
    S`for (const value of [globalThis, console, Promise, Error, new Error('x'), Function, Proxy, Object.prototype]) for (const key of Object.getOwnPropertySymbols(value)) if (!Object.getOwnPropertyNames(Symbol).some((name) => Symbol[name] === key)) note(String(key))`,
  ],
  [
    'hidden fields of errors',
    'new',
    'Node keeps arrow messages on errors',
    S`try { null.x } catch (error) { for (const key of Reflect.ownKeys(error)) if (!['stack', 'message'].includes(key)) note(String(key)); leak(error.stack, 'stack') }`,
  ],
  [
    'hidden fields of promises',
    'new',
    'hooks keep ids on promises',
    S`for (const p of [Promise.resolve(), (async () => {})(), import('./m.js'), queueMicrotask(() => {})]) if (p) for (const key of Reflect.ownKeys(p)) note(String(key))`,
    { options: { modules: { './m.js': 'export default 1' } } },
  ],
  [
    'the global proxy',
    'new',
    'window led to its parent',
    S`for (const name of ['window', 'parent', 'top', 'frames', 'opener', 'document', 'globalThis']) if (name !== 'globalThis' && name in globalThis) note(name); if (self !== globalThis) note('self'); leak(globalThis.globalThis, 'globalThis'); leak(Object.getPrototypeOf(globalThis), 'prototype')`,
  ],
  [
    'the keys of the global object',
    'vm2 attack category 27',
    'computed access found what names did not',
    S`for (const key of Reflect.ownKeys(globalThis)) { const text = String(key); if (/^_|kernel|vm2|ringfence|node|ivm|host/i.test(text)) note(text) }`,
  ],
  [
    'shared state of regular expressions',
    'new',
    'RegExp.$1 tells what was matched last',
    S`console.log('%s', 'secret host-canary'.slice(0, 6)); await import('host'); for (const key of ['$1', '$_', '$&', 'input', 'lastMatch', 'leftContext']) leak(RegExp[key], key)`,
    { options: { functions } },
  ],
  [
    'the environment and the arguments',
    'new',
    'both were inherited',
    S`leak(globalThis.process?.env, 'env'); leak(globalThis.Deno, 'Deno'); leak(globalThis.Bun, 'Bun'); leak(input, 'input'); if (input !== undefined) note('input')`,
  ],
  [
    'time zone and locale',
    'new',
    'Intl tells the machine’s own, which is no secret but must not be a path',
    S`leak(Intl.DateTimeFormat().resolvedOptions().timeZone, 'zone'); leak(new Date(0).toString(), 'date'); leak(new Date().toLocaleString(), 'locale')`,
  ],
  [
    'engine internals by odd flags',
    'new',
    'natives are syntax under a flag',
    '%DebugPrint(1)',
    { as: 'program', ends: ['threw'] },
  ],
  ['debugger statements', 'new', 'a pause waits for a client for ever', 'debugger; 1', { as: 'program' }],
])
