import { type Family, family } from '../attack.ts'

/** Looks at what a compiler of strings gives, and at what comes of it. */
const runs = (expression: string): string =>
  `await attempt(() => { const made = ${expression}; leak(made, 'made'); return made?.next ? made.next() : made }, 'compiled')`

/** Code from strings passes no transform: `import()` in it would reach the loader of the host, were the kernel not in between. */
export const CODE_FROM_STRINGS: Family = family('code made of strings', [
  ['direct eval', 'safe-eval CVE-2017-16088', 'eval was the engine’s own', runs('eval("1")'), { as: 'sloppy' }],
  ['indirect eval', 'vm2 attack category 12', 'only the direct form was rewritten', runs('(0, eval)("1")')],
  ['eval by its comma', 'new', 'the scope proxy let eval through once', runs('[eval][0]("1")')],
  ['Function', 'vm2 attack category 1', 'a function body can close its own brace', runs('Function("return 1")()')],
  ['new Function', 'vm2 attack category 1', 'Function was reachable by a method', runs('new Function("return 1")()')],
  [
    'Function with a parameter that closes it',
    'new',
    'parameters and body were joined before parsing',
    runs('Function("/*", "*/){return 1")()'),
  ],
  [
    'the constructor of async functions',
    'vm2 attack category 1',
    'AsyncFunction has no name to remove',
    runs('(async () => {}).constructor("return 1")()'),
  ],
  [
    'the constructor of generators',
    'vm2 attack category 1',
    'GeneratorFunction was left in place',
    runs('(function* () {}).constructor("yield 1")()'),
  ],
  [
    'the constructor of async generators',
    'vm2 attack category 1',
    'the fourth constructor was forgotten',
    runs('(async function* () {}).constructor("yield 1")()'),
  ],
  [
    'the constructor behind the constructor',
    'evel #18',
    'the prototype of AsyncFunction is Function',
    runs('Object.getPrototypeOf((async () => {}).constructor)("return 1")()'),
  ],
  [
    'a class that extends Function',
    'new',
    'super() called the intrinsic',
    runs('new (class extends Function {})("return 1")()'),
  ],
  [
    'a class whose parent is put in later',
    'new',
    'super() looks its parent up when called',
    'class A extends Object { constructor(text) { return super(text) } }\nObject.setPrototypeOf(A, Function)\n' +
      runs('new A("return 1")()'),
  ],
  [
    'Reflect.construct with a new target',
    'vm2 attack category 6',
    'the trap for new was not the trap for construct',
    runs('Reflect.construct(Function, ["return 1"], Object)()'),
  ],
  [
    'Reflect.apply on the constructor',
    'vm2 GHSA-647f-g98j-qq25',
    'apply was not the trap that checked',
    runs('Reflect.apply((() => {}).constructor, null, ["return 1"])()'),
  ],
  [
    'call of call of the constructor',
    'vm2 GHSA-647f-g98j-qq25',
    'one step of indirection more than was peeled off',
    runs('Function.prototype.call.call(Function.prototype.call, Function, null, "return 1")()'),
  ],
  [
    'bind of the constructor',
    'vm2 GHSA-647f-g98j-qq25',
    'a bound function hid its target',
    runs('(() => {}).constructor.bind(null, "return 1")()()'),
  ],
  [
    'the constructor as a callback',
    'expr-eval CVE-2025-12735',
    'map called what nobody had looked at',
    runs('["return 1"].map(Function)[0]()'),
  ],
  ['the constructor as a tag', 'new', 'a tagged template is a call in disguise', runs('Function`return 1```')],
  [
    'the constructor as the replacer of a string',
    'static-eval CVE-2021-23334',
    'replace calls its argument with text of the guest’s choice',
    '"return process".replace(/.+/, (text) => { try { leak(Function(text)(), "made") } catch (error) { leak(error, "refusal") } return "" })',
  ],
  [
    'the constructor as a reviver',
    'node-serialize CVE-2017-5941',
    'a function was revived from text',
    'await attempt(() => JSON.parse(\'{"a":"return process"}\', (key, value) => typeof value === "string" ? Function(value)() : value), "revived")',
  ],
  [
    'the constructor as a getter',
    'static-eval #32',
    '__defineGetter__ took Function as it is',
    'await attempt(() => { const o = {}; o.__defineGetter__("x", Function); return o.x }, "getter")',
  ],
  [
    'the constructor as a species',
    'realms-shim GHSA-7cg8-pq9v-x98q',
    'a species was constructed with a length, later with text',
    'const list = ["return process"]; list.constructor = { [Symbol.species]: Function }; await attempt(() => list.map((x) => x), "species")',
  ],
  [
    'the constructor by toPrimitive',
    'mathjs CVE-2017-1001002',
    'a conversion called a function chosen by the guest',
    'await attempt(() => `${{ [Symbol.toPrimitive]: Function }}`, "converted"); await attempt(() => +{ valueOf: Function }, "valued")',
  ],
  [
    'a timer given text',
    'new',
    'timers compile text in browsers',
    'await attempt(() => setTimeout("globalThis.__loot = 1", 1), "timer"); await attempt(() => setInterval("1"), "interval"); if (globalThis.__loot) note("compiled")',
  ],
  [
    'an evaluating realm within',
    'new',
    'a realm within has a Function of its own',
    'if (typeof ShadowRealm !== "undefined") await attempt(() => new ShadowRealm().evaluate("1"), "realm"); if (typeof Realm !== "undefined" || typeof Compartment !== "undefined") note("realms")',
  ],
  [
    'WebAssembly',
    'vm2 attack category 17',
    'WebAssembly caught exceptions that no catch clause saw',
    'if (typeof WebAssembly !== "undefined") note("WebAssembly")',
  ],
])
