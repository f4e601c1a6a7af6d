import { type Family, family } from '../attack.ts'

const functions = { echo: (value: unknown) => value, now: { call: (value: unknown) => value, sync: true } }
const NODE = [
  'nodejs.util.inspect.custom',
  'nodejs.util.promisify.custom',
  'nodejs.rejection',
  'nodejs.dispose',
  'nodejs.stream.writable',
  'nodejs.webstream.isClosedPromise',
]

const each = (body: string): string =>
  `for (const name of ${JSON.stringify(NODE)}) { const key = Symbol.for(name); ${body} }`

/** Symbols are shared by all realms of a process, and well-known ones are hooks. */
export const SYMBOLS: Family = family('symbols and conversions', [
  [
    'inspectors on what is logged',
    'vm2 CVE-2023-32313',
    'the console of the host called the inspector with its own options',
    each(
      'console.log({ [key]: (...args) => { note("called"); leak(args, "args") } }, { get [key]() { note("asked"); return 1 } })',
    ),
  ],
  [
    'inspectors on what is returned',
    'vm2 CVE-2023-37903',
    'the host inspected the result',
    each('report = { [key]: () => "x", toString: 1 }; await attempt(() => structuredClone({ [key]: leak }), "clone")') +
      ' report = ""',
  ],
  [
    'inspectors on what is thrown',
    'vm2 CVE-2023-37903',
    'the host printed the error',
    `const error = new Error('x'); ${each('error[key] = (...args) => { leak(args, "args"); note("called") }')} throw error`,
    { ends: ['threw'] },
  ],
  [
    'inspectors on every prototype',
    'vm2 GHSA-m5q2-4fm3-vfqp',
    'a hook of Node was planted on objects of the host',
    each(
      'for (const kind of [Object, Array, Function, Error, Promise]) kind.prototype[key] = function (...args) { note("called"); leak(args, "args") }; console.log({}, [], () => {})',
    ),
  ],
  [
    'hooks on functions of the host',
    'vm2 GHSA-jf8q-945g-9q4c',
    'promisify of the host used the hook',
    `const host = await import('host'); ${each('try { host.echo[key] = (...args) => { note("called"); leak(args, "args") } } catch {}')} await host.echo(1); host.now(1)`,
    { options: { functions } },
  ],
  [
    'hidden symbols of what is lent',
    'vm2 GHSA-47x8-96vw-5wg6',
    'symbols were read off objects of the host',
    `const host = await import('host'); for (const value of [host, host.echo, console, globalThis, import.meta, setTimeout]) for (const key of Object.getOwnPropertySymbols(value)) if (/node|ringfence|kernel|vm/.test(key.description)) note(key.description)`,
    { options: { functions } },
  ],
  [
    'Symbol.toPrimitive everywhere',
    'new',
    'a conversion in the kernel ran the guest',
    `const evil = { [Symbol.toPrimitive](hint) { leak(this, 'this'); leak(hint, 'hint'); return 1 } }; for (const run of [() => setTimeout(() => {}, evil), () => clearTimeout(evil), () => console.log('%d %s', evil, evil), () => structuredClone({ a: evil[0] }), () => console.group(evil), () => console.count(evil)]) await attempt(run)`,
  ],
  [
    'Symbol.toStringTag on everything',
    'new',
    'kinds were told by their tag',
    `for (const tag of ['Promise', 'Map', '__proto__', 'Module']) { const fake = { [Symbol.toStringTag]: tag, size: 1, get: leak }; await attempt(() => structuredClone(fake), tag); console.log(fake) } Object.prototype[Symbol.toStringTag] = 'Map'; structuredClone({}); console.log({})`,
  ],
  [
    'Symbol.hasInstance',
    'vm2 attack category 3',
    'instanceof answered what the guest wanted',
    `for (const kind of [Error, RangeError, TypeError, Promise, Map, Object]) Object.defineProperty(kind, Symbol.hasInstance, { value: (x) => { leak(x, 'asked of'); note('asked'); return true } }); structuredClone([new Error('x'), new Map()]); console.log(new Error('x')); await attempt(() => structuredClone(leak))`,
  ],
  [
    'Symbol.hasInstance on the parent of errors',
    'vm2 attack category 3',
    'the check for limits was an instanceof',
    `Object.defineProperty(Function.prototype, Symbol.hasInstance, { value: () => true, writable: true, configurable: true }); await attempt(() => structuredClone(leak)); throw new Error('x')`,
    { ends: ['threw', 'returned'] },
  ],
  [
    'Symbol.iterator of everything',
    'vm2 attack category 10',
    'spreading in the kernel iterated the guest',
    `const map = new Map([[1, 2]]); const set = new Set([1]); for (const kind of [Array, Map, Set, String, Uint8Array]) kind.prototype[Symbol.iterator] = function* () { note('iterated'); leak(this, 'this') }; console.log([1], map, 'a'); structuredClone([[1], map, set]); const { echo } = await import('host'); await echo(1, [2]); setTimeout(() => {}, 1, 2)`,
    { options: { functions } },
  ],
  [
    'Symbol.isConcatSpreadable',
    'new',
    'concat in the kernel spread what it was given',
    `Array.prototype[Symbol.isConcatSpreadable] = Object.prototype[Symbol.isConcatSpreadable] = true; console.log([1], { length: 2 }); structuredClone([{ length: 9 }])`,
  ],
  [
    'Symbol.unscopables',
    'new',
    'names fell through to the outer scope',
    `Object.prototype[Symbol.unscopables] = { leak: true, input: true }; try { Array.prototype[Symbol.unscopables] = null } catch {} structuredClone([])`,
  ],
  [
    'Symbol.species of the intrinsics',
    'vm2 #562',
    'toSpliced and slice of the kernel asked for it',
    `for (const kind of [Array, Map, Set, ArrayBuffer, Promise, RegExp]) try { Object.defineProperty(kind, Symbol.species, { get() { note('asked'); return Object } }) } catch {} structuredClone([[1], new Map(), new ArrayBuffer(1)]); console.log([1])`,
  ],
  [
    'Symbol.match and replace',
    'vm2 attack category 10',
    'text methods of the kernel asked for them',
    `for (const key of ['match', 'replace', 'split', 'search', 'matchAll']) { RegExp.prototype[Symbol[key]] = String.prototype[Symbol[key]] = function (...args) { note(key); leak(args, 'args') } } console.log('%s', /a/); console.table([{ a: 'b' }]); await attempt(() => null.x)`,
  ],
  [
    'Symbol.dispose',
    'vm2 GHSA-55hx-c926-fr95',
    'the host disposed of what it was given',
    `report = { [Symbol.dispose]: () => note('disposed'), [Symbol.asyncDispose]: () => note('disposed') }; report = ''`,
  ],
  [
    'symbols as data',
    'new',
    'a symbol of the registry is the same in both realms',
    `const host = await import('host'); for (const value of [Symbol.for('x'), Symbol(), Symbol.iterator, { [Symbol.for('a')]: 1 }, [Symbol()], Object(Symbol())]) await attempt(() => host.echo(value), 'echo')`,
    { options: { functions } },
  ],
  [
    'a description that is not text',
    'new',
    'descriptions were read by a getter of the prototype',
    `Object.defineProperty(Symbol.prototype, 'description', { get() { note('asked'); return leak } }); Symbol.prototype.toString = () => { note('text') }; console.log(Symbol('a'), { [Symbol('b')]: 1 }); await attempt(() => structuredClone(Symbol('c')))`,
  ],
  [
    'valueOf and toString of what is logged',
    'safe-eval #24',
    'the host turned it into text',
    `const evil = { valueOf() { leak(this, 'this'); return {} }, toString() { leak(this, 'this'); return {} } }; for (const format of ['%s', '%d', '%i', '%f', '%j', '%o', '%O', '%c', '%%', '']) console.log(format, evil)`,
  ],
])
