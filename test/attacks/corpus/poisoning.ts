import { type Family, family } from '../attack.ts'

const functions = { later: async (value: unknown) => value, now: { call: (value: unknown) => value, sync: true } }
const lend = { functions, modules: { './m.js': 'export default { a: 1 }' } }

/** Makes the kernel work in every way there is. */
const EXERCISE = `
const host = await import('host')
const exercise = async () => {
  await attempt(() => host.later({ a: [1, new Map([[1, new Set([-0])]])] }), 'later')
  await attempt(() => host.now([new Date(0), /a/g, 1n, undefined, new Uint8Array(2), new Error('e')]), 'now')
  await attempt(() => structuredClone({ a: new Error('x'), b: [, 1] }), 'clone')
  await attempt(() => structuredClone(() => {}), 'refused')
  await attempt(() => import('./m.js'), 'import')
  await attempt(() => import('./' + 'none'), 'missing')
  await attempt(() => setTimeout('x'), 'timer')
  await attempt(() => console.log('%s %d %o %j', 'a', 1, { b: [1] }, [], new Error('x'), new Map([[1, 2]])), 'log')
  await attempt(() => console.table([{ a: 1 }]), 'table')
  await attempt(() => clearTimeout(setTimeout(() => {}, 5)), 'clear')
  await attempt(() => null.x.y, 'error')
}
`
/** A function put in place of a built-in: looks at what it is given, then works as ever. */
const SPY_ON = `
const apply = Reflect.apply
const own = Object.getOwnPropertyDescriptor
const define = Object.defineProperty
const watching = (old, how) => function (...args) {
  if (watched) { leak(this, how + ' this'); for (let i = 0; i < args.length; i++) leak(args[i], how + ' argument') }
  return new.target ? Reflect.construct(old, args, new.target) : apply(old, this, args)
}
let watched = false
const plant = (holder, name) => {
  const keys = ownKeys(holder)
  for (let i = 0; i < keys.length; i++) {
    const held = own(holder, keys[i])
    if (keys[i] === 'constructor' || !held.configurable || typeof held.value !== 'function') continue
    define(holder, keys[i], { __proto__: null, value: watching(held.value, name + '.' + textOf(keys[i])), writable: true, configurable: true })
  }
}
`
const spyOn = (what: string): string => `${EXERCISE}${SPY_ON}${what}\nwatched = true; await exercise(); watched = false`

const prototypes = [
  'Object',
  'Array',
  'Function',
  'String',
  'Number',
  'BigInt',
  'Symbol',
  'RegExp',
  'Date',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Promise',
  'Error',
  'ArrayBuffer',
  'DataView',
]
const statics = [
  'Object',
  'Array',
  'String',
  'Number',
  'Promise',
  'Reflect',
  'JSON',
  'Math',
  'Date',
  'Symbol',
  'ArrayBuffer',
]

/** The kernel lives in the guest's realm, where every built-in is the guest's to replace. */
export const POISONING: Family = family('poisoned intrinsics', [
  ...prototypes.map(
    (name) =>
      [
        `${name}.prototype watched while the kernel works`,
        name === 'WeakMap' ? 'vm2 CVE-2022-25893' : 'vm2 attack category 11',
        'the sandbox looked its own tools up when it needed them',
        spyOn(`plant(${name}.prototype, '${name}.prototype')`),
        { options: lend },
      ] as const,
  ),
  ...statics.map(
    (name) =>
      [
        `${name} watched while the kernel works`,
        'vm2 attack category 11',
        'the sandbox looked its own tools up when it needed them',
        spyOn(`plant(${name}, '${name}')`),
        { options: lend },
      ] as const,
  ),
  [
    'iterators watched while the kernel works',
    'vm2 attack category 28',
    'spread and for-of look iterators up',
    spyOn(
      'for (const list of [[], new Map(), new Set(), "", function* () {}()]) plant(Object.getPrototypeOf(list[Symbol.iterator]()), "iterator"); plant(Iterator.prototype, "helpers")',
    ),
    { options: lend },
  ],
  [
    'typed arrays watched while the kernel works',
    'vm2 GHSA-3vgf-8m4q-q4qr',
    'their methods stand on a prototype without a name',
    spyOn(
      'plant(Object.getPrototypeOf(Uint8Array.prototype), "TypedArray"); plant(Uint8Array, "Uint8Array"); plant(Uint8Array.prototype, "bytes")',
    ),
    { options: lend },
  ],
  [
    'every global deleted',
    'vm2 attack category 11',
    'the sandbox named a global when it needed it',
    `${EXERCISE}const names = Reflect.ownKeys(globalThis); const drop = Reflect.deleteProperty; for (let i = 0; i < names.length; i++) drop(globalThis, names[i]); await attempt(() => host.later([1]), 'later'); await attempt(() => host.now({ a: new Uint8Array(0) }), 'now')`,
    { options: lend, ends: ['returned', 'threw'] },
  ],
  [
    'every global a trap',
    'vm2 attack category 27',
    'internal state was a property of the global object',
    `${EXERCISE}let watched = false; for (const name of ['Map', 'Set', 'Promise', 'JSON', 'Reflect', 'Symbol', 'String', 'Number', 'Date', 'RegExp', 'Uint8Array', 'ArrayBuffer', 'WeakSet', 'console']) { const held = globalThis[name]; Object.defineProperty(globalThis, name, { get() { if (watched) note('read ' + name); return held }, configurable: true }) } const map = new Map(); watched = true; for (const run of [() => host.later([1]), () => host.now(map), () => import('./m.js')]) await run(); watched = false`,
    { options: lend },
  ],
  [
    'a clock that runs backwards',
    'new',
    'timers ask the clock of the guest',
    'Date.now = () => -1e15; globalThis.Date = class { static now() { return leak } }; let n = 0; await new Promise((done) => { const t = setInterval(() => { if (++n === 3) { clearInterval(t); done() } }, 1) })',
  ],
  [
    'a clock within messages',
    'new',
    'the time of a line is put into a record',
    'Date.now = () => ({ toString: () => "1;D0,4:Jtru", valueOf: () => NaN }); console.log("x"); Date = undefined',
  ],
  [
    'getters of flags and sizes',
    'vm2 attack category 10',
    'accessors were called on what was taken for a brand',
    `for (const [holder, key] of [[Map.prototype, 'size'], [Set.prototype, 'size'], [RegExp.prototype, 'flags'], [RegExp.prototype, 'source'], [ArrayBuffer.prototype, 'byteLength'], [Symbol.prototype, 'description']]) Object.defineProperty(holder, key, { get() { note('read ' + key); return -1 }, configurable: true }); structuredClone([new Map(), new Set(), /a/g, new ArrayBuffer(1)]); console.log(new Map(), /a/g, Symbol('x'))`,
  ],
])
