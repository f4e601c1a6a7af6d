import * as fc from 'fast-check'

/** Values that a host, a console or a codec may stumble over; each is an expression. */
const VALUES = [
  '1',
  '-0',
  '"text"',
  '"\\ud800"',
  '10n ** 50n',
  'Symbol("s")',
  'undefined',
  'null',
  'function named() {}',
  'class A { static get name() { throw 1 } }',
  '{ get x() { throw new Error("getter") } }',
  '{ get x() { return this } }',
  '{ toJSON() { throw 1 }, toString() { throw 2 }, valueOf() { throw 3 } }',
  '{ [Symbol.toPrimitive]() { return {} }, [Symbol.toStringTag]: { a: 1 } }',
  '{ then(resolve) { resolve(7) } }',
  '{ then(resolve, reject) { reject(7) } }',
  '{ get then() { throw new Error("then") } }',
  '{ then() { throw null } }',
  'JSON.parse(\'{"__proto__": { "polluted": 1 }, "constructor": 2 }\')',
  'new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 } })',
  'new Proxy({}, { ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) })',
  'new Proxy([], { get: (target, key) => (key === "length" ? 3 : key) })',
  'new Proxy(function () {}, { apply() { throw 1 } })',
  'Object.assign(new Error("e"), { cause: { a: 1 }, extra: Symbol("x") })',
  'Object.defineProperty(new Error("e"), "stack", { get() { throw 1 } })',
  'Object.defineProperty(new Error("e"), "message", { get() { return {} } })',
  'new (class extends Error { get name() { throw 1 } })("m")',
  'new AggregateError([new Error("a"), 1, null], "m")',
  'new Map([[NaN, new Map()], [{}, -0]])',
  'new (class extends Set { has() { throw 1 } })([1])',
  'Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype)',
  'Object.setPrototypeOf([1, 2], null)',
  'new Date(NaN)',
  'Object.assign([1, , 3], { name: "x" })',
  '(() => { const o = {}; o.self = o; return o })()',
  'new Uint8Array([1, 2, 3]).subarray(1)',
  'new Promise(() => {})',
  '(function* () { yield 1 })()',
  'new WeakMap()',
  '/a/gy',
  'globalThis',
  'Object.prototype',
]

/** Intrinsics spoilt before anything of ours uses them again. */
const POISONS = [
  'Array.prototype.push = () => { throw new Error("push") }',
  'Array.prototype[Symbol.iterator] = function* () { yield 666 }',
  'Array.prototype.map = Array.prototype.slice = Array.prototype.join = null',
  'Object.defineProperty(Object.prototype, "then", { configurable: true, get() { throw new Error("then") } })',
  'Object.defineProperty(Object.prototype, "value", { configurable: true, get() { return 666 } })',
  'Object.defineProperty(Object.prototype, "get", { configurable: true, value: () => 666 })',
  'Object.defineProperty(Array.prototype, 0, { configurable: true, set() { throw 1 } })',
  'Object.prototype.toJSON = () => 666',
  'Promise.prototype.then = () => { throw new Error("then") }',
  'Promise.resolve = Promise.reject = () => 666',
  'Map.prototype.get = Map.prototype.set = Set.prototype.add = () => 666',
  'JSON.stringify = JSON.parse = () => "666"',
  'String.prototype.slice = String.prototype.charAt = () => "666"',
  'RegExp.prototype.exec = () => { throw 1 }',
  'Error.prepareStackTrace = (error, frames) => frames.map((frame) => frame.getThis?.())',
  'Error.prepareStackTrace = () => { throw 1 }',
  'Error.stackTraceLimit = { valueOf() { throw 1 } }',
  'Reflect.ownKeys = Reflect.get = Reflect.apply = () => 666',
  'Function.prototype.call = Function.prototype.apply = () => 666',
  'Symbol.prototype.toString = () => { throw 1 }',
  'Object.keys = Object.entries = Object.getPrototypeOf = () => { throw 1 }',
  'Object.setPrototypeOf(Object.getPrototypeOf(async () => {}), null)',
  'globalThis.setTimeout = globalThis.console = globalThis.Promise = undefined',
  'Object.freeze(Object.prototype)',
  'Object.setPrototypeOf(globalThis, new Proxy({}, { get() { throw 1 }, has() { throw 2 } }))',
]

/** Ways to something of the host's; each is an expression that may throw. */
const REACHES = [
  'globalThis.__canary',
  'typeof process === "undefined" ? "none" : process.env.RINGFENCE_CANARY',
  'typeof require === "undefined" ? "none" : require("node:process").env',
  'host.echo.constructor("return typeof process + typeof __canary")()',
  'host.atOnce.constructor.constructor("return this.__canary")()',
  '(await host.echo({ a: [1] })).a.constructor.constructor("return typeof process")()',
  'await host.fails().catch((error) => [error.secret, error.constructor === Error, error.constructor.constructor("return typeof process")()])',
  'await import("node:process").catch((error) => error.code)',
  'await import("host").then((module) => Object.keys(module).join())',
  '[].concat(Object.getOwnPropertyNames(host), Object.getOwnPropertySymbols(host).length).join()',
  'host.echo.caller + host.echo.arguments',
  'Object.getPrototypeOf(host) + typeof host.echo.prototype',
  '(() => { try { null.x } catch (error) { return error.constructor.constructor("return typeof process")() } })()',
  '(() => { const deep = () => { try { deep() } catch (error) { reached = error.constructor === RangeError } }; let reached; deep(); return reached })()',
  'Reflect.construct(Function, ["return typeof process"], class {})()',
  'new Proxy(host.echo, {}).constructor === Function',
]

/** What a program imports, and what there is to be had by it. */
const IMPORTS = [
  'twice(21)',
  '(await import("./lib.js")).twice(4)',
  '(await import("./lib.js")) === (await import("./lib.js"))',
  'await import("./none.js").catch((error) => error.code)',
  'await import("./data.json", { with: { type: "json" } }).then((module) => module.default.list.length, (error) => error.name)',
  'data.list.map((n) => n + 1).join()',
  'import.meta.url',
]

const value = fc.constantFrom(...VALUES).map((text) => `(${text})`)
/** An unhandled rejection ends a call as soon as a tier sees it, which may be before or after a host function answered. */
const REJECTED = ['Promise.reject(new Error("rejected"))']

const withValue = (wrap: (text: string) => string): fc.Arbitrary<string> => value.map(wrap)

/** Steps whose effect is the same whenever and wherever they run. */
const step = fc.oneof(
  withValue((text) => `console.log(${text})`),
  withValue((text) => `console.error('%s %d %o', ${text}, ${text})`),
  withValue((text) => `console.table([${text}])`),
  withValue((text) => `try { seen.push(typeof ${text}.x) } catch { seen.push('caught') }`),
  withValue((text) => `try { structuredClone(${text}) } catch {}`),
  withValue((text) => `try { seen.push(await host.echo(${text})) } catch (error) { seen.push('refused') }`),
  withValue((text) => `try { await host.fails(${text}) } catch (error) { seen.push(String(error.message)) }`),
  withValue((text) => `try { seen.push(host.atOnce(${text})) } catch (error) { seen.push('refused') }`),
  fc
    .constantFrom(...REACHES, ...IMPORTS)
    .map((text) => `try { seen.push(String(${text})) } catch (error) { seen.push(String(error?.message)) }`),
  withValue((text) => `try { await ${text} } catch {}`.replace('new Promise(() => {})', '1')),
  withValue((text) => `queueMicrotask(() => { seen.push(1); void ${text} })`),
  fc.constantFrom(...POISONS).map((poison) => `try { ${poison} } catch {}`),
)
/** Steps that end a run, or make it end at a time of its own. */
const unruly = fc.oneof(
  withValue((text) => `throw ${text}`),
  withValue((text) => `void Promise.reject(${text})`),
  withValue((text) => `setTimeout(() => { throw ${text} }, 0)`),
  withValue((text) => `setTimeout(${text}, 1)`),
  withValue((text) => `setInterval(() => console.log(${text}), 1)`),
  withValue((text) => `await new Promise((resolve) => setTimeout(resolve, 2, ${text}))`),
  fc.constantFrom(
    ...REJECTED,
    'for (;;) {}',
    'for (;;) await null',
    'await new Promise(() => {})',
    '(function deep() { return deep() + 1 })()',
    '(async function deep() { await deep() })()',
    'const again = () => Promise.resolve().then(again); again()',
    'for (let i = 0; i < 400; i++) console.log("x".repeat(100))',
    'for (let i = 0; i < 40; i++) void host.echo(i)',
    'return "x".repeat(100_000)',
    'try { for (;;) {} } finally { for (;;) {} }',
    'try { (0, eval)("1") } catch (error) { throw error }',
    'try { new (Object.getPrototypeOf(async () => {}).constructor)("return 1") } catch (error) { throw error.constructor }',
  ),
)

/** The modules that programs import. */
export const MODULES: Readonly<Record<string, string>> = {
  './lib.js': 'export const twice = (n) => n * 2',
  './data.json': '{ "list": [1, 2, 3] }',
}

const body = (steps: readonly string[], result: string): string =>
  `import * as host from 'host'\nimport { twice } from './lib.js'\nimport data from './data.json' with { type: 'json' }\nexport default async (input) => {\n  const seen = [input]\n  ${steps.join('\n  ')}\n  return ${result}\n}`

/** Programs that end the same way in every tier. */
export const steadyPrograms: fc.Arbitrary<string> = fc
  .tuple(fc.array(step, { maxLength: 6 }), fc.oneof(value, fc.constant('seen')))
  .map(([steps, result]) => body(steps, result))
  .filter((text) => !text.includes('return (new Promise'))

/** Programs that do anything. */
export const hostilePrograms: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.oneof({ weight: 3, arbitrary: step }, unruly), { maxLength: 6 }), value)
  .map(([steps, result]) => body(steps, result))
