import { type Family, family } from '../attack.ts'

const S = String.raw
const ok = { ends: ['returned', 'threw', 'refused'] } as const
const odd = {
  './__proto__': 'exports.a = 1',
  __proto__x: 'export default 1',
  './a.js': 'import * as b from "./b.js"; export const seen = () => Object.keys(b); export default 1',
  './b.js': 'import * as a from "./a.js"; export const other = () => a; export default 2',
  './loop.cjs': 'exports.early = 1; exports.again = require("./loop.cjs"); module.exports = exports',
  './getter.cjs':
    'Object.defineProperty(exports, "a", { enumerable: true, get() { return this === undefined ? 1 : Object.keys(this).join() } }); exports.__proto__ = { inherited: 1 }',
  './throws.cjs': 'throw { get message() { throw 1 } }',
  './proxy.cjs':
    'module.exports = new Proxy({}, { ownKeys: () => ["a", "constructor", "then"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: (t, k) => k === "then" ? undefined : 7 })',
  './function.cjs': 'module.exports = function () { return this }; module.exports.default = 1',
}
const options = { modules: odd }

/** The loader works on names and objects that the guest chose. */
export const MODULE_LOADER: Family = family('module loader tricks', [
  [
    'a module called __proto__',
    'lodash CVE-2019-10744',
    'the table of modules was an object',
    "export default async () => { const m = await import('./__proto__'); return m.a === 1 ? 'ok' : 'ESCAPED' }",
    { as: 'program', options, ...ok },
  ],
  [
    'names of the prototype chain',
    'new',
    'a missing name was found on Object.prototype',
    'for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "", ".", "..", "/", "./", "../"]) { const got = await attempt(() => import(name), name); if (!(got instanceof Error)) note("loaded " + name) }',
    { options },
  ],
  [
    'names that climb',
    'vm2 attack category 13',
    'the path was joined before it was checked',
    'for (const name of ["../../../../etc/passwd", "/etc/passwd", "./../a.js/../../x", "file:///etc/passwd", "C:\\\\x", "\\\\\\\\server\\\\x", "./a.js?x", "./a.js#x", "%2e%2e/x"]) { const got = await attempt(() => import(name), name); if (got?.default !== 1 && !(got instanceof Error)) note("loaded " + name) }',
    { options },
  ],
  [
    'names with odd characters',
    'new',
    'names were put into code',
    S`for (const name of ['./a.js\u0000', './a.js\n', './a.js\u2028', './a.js"', "./a.js'", './a.js${'`'}', './a.js*/']) { const got = await attempt(() => import(name), name); if (!(got instanceof Error)) note('loaded ' + name) }`,
    { options },
  ],
  [
    'the module host when nothing is lent',
    'new',
    'the name was kept for the host',
    'const got = await attempt(() => import("host"), "host"); if (!(got instanceof Error)) note("loaded")',
  ],
  [
    'a module called host',
    'new',
    'the guest shadowed what is lent',
    "import { a } from 'host'; export default () => a === 1 ? 'ok' : 'no'",
    { as: 'program', ...ok, options: { modules: { host: 'export const a = 1' } } },
  ],
  [
    'writing to what is lent',
    'vm2 attack category 44',
    'the read-only view leaked its setter',
    'const host = await import("host"); for (const key of ["now", "extra", "__proto__", "constructor"]) { try { host[key] = 1 } catch (error) { leak(error, "refusal") } } delete host.now; Object.setPrototypeOf(host, null); leak(host, "host")',
    { options: { functions: { now: () => 1 } }, ...ok },
  ],
  [
    'modules in a circle',
    'new',
    'half-made namespaces',
    'const a = await import("./a.js"); leak(a, "a"); leak(a.seen(), "keys"); const b = await import("./b.js"); leak(b.other(), "a again")',
    { options },
  ],
  [
    'a CommonJS module that requires itself',
    'new',
    'the loader recursed',
    "module.exports = () => { const { again } = require('./loop.cjs'); return again.early === 1 ? 'ok' : 'no' }",
    { as: 'program', options },
  ],
  [
    'exports with getters',
    'vm2 attack category 15',
    'descriptors were copied with their getters',
    'const m = await import("./getter.cjs"); leak(m, "m"); leak(m.a, "a"); leak(m.default, "default"); leak(m.inherited, "inherited")',
    { options },
  ],
  [
    'exports that are a proxy',
    'vm2 attack category 6',
    'keys were listed by a trap',
    'await attempt(() => import("./proxy.cjs"), "proxy"); await attempt(() => import("./function.cjs"), "function")',
    { options },
  ],
  [
    'a module that throws what cannot be read',
    'vm2 attack category 4',
    'the loader added a path to the error',
    'const got = await attempt(() => import("./throws.cjs"), "throws"); await attempt(() => import("./throws.cjs"), "again")',
    { options },
  ],
  [
    'exports reassigned',
    'new',
    'the namespace was the guest’s to change',
    'const a = await import("./a.js"); const b = await import("./b.js"); for (const m of [a, b]) for (const key of ["default", "then", "__proto__", "extra"]) { try { m[key] = leak } catch (error) { leak(error, "refusal") } } await attempt(() => import("./a.js"), "again")',
    { options: { ...options, limits: { wallMs: 200 } }, ends: ['returned', 'threw', 'exceeded'] },
  ],
  [
    'a then among the exports',
    'new',
    'awaiting the namespace called it',
    "export const then = (resolve) => resolve('forged'); export default () => 'ok'",
    { as: 'program', ...ok },
  ],
  [
    'a then among the exports of another',
    'new',
    'awaiting the namespace called it with functions of the host',
    'await attempt(() => import("./then.js"), "then")',
    {
      options: {
        modules: { './then.js': 'export const then = (resolve, reject) => { resolve(1) }; export default 1' },
      },
    },
  ],
  [
    'a default export that is a thenable',
    'vm2 attack category 51',
    'the host awaited it',
    "export default { then(resolve) { resolve(typeof process === 'undefined' ? 'ok' : 'ESCAPED') } }",
    { as: 'program' },
  ],
  [
    'an export called constructor',
    'new',
    'exports were looked up by a name of the caller',
    "export const constructor = 1; export default 'ok'",
    { as: 'program', options: { export: 'constructor' } },
  ],
  [
    'an export called __proto__',
    'new',
    'exports were looked up in prototypes',
    "export default 'ok'",
    { as: 'program', options: { export: '__proto__' }, ends: ['threw'] },
  ],
  [
    'an export called toString',
    'new',
    'exports were looked up in prototypes',
    'module.exports = { a: 1 }',
    { as: 'program', options: { export: 'toString' }, ends: ['threw'] },
  ],
  [
    'module and exports swapped',
    'vm2 attack category 13',
    'module led to its loader',
    "const m = module; m.exports.__proto__ = null; m.__proto__ = null; m.exports = Object.create(m); m.exports.default = 1; module.exports = () => Object.getOwnPropertyNames(m).join() === 'exports' ? 'ok' : 'no'",
    { as: 'program' },
  ],
  [
    'module.exports as a getter',
    'vm2 attack category 15',
    'it was read more than once',
    "let n = 0; Object.defineProperty(module, 'exports', { get() { n++; return n > 1 ? () => 'ok' : () => 'ok' }, set() {} })",
    { as: 'program', options: { kind: 'commonjs' }, ...ok },
  ],
  [
    'this of a module',
    'Node documentation of vm',
    'this was the host',
    "export default () => { const top = self; return top === undefined ? 'ok' : 'ESCAPED' }\nconst self = this",
    { as: 'program' },
  ],
  [
    'this of a CommonJS module',
    'vm2 attack category 13',
    'this was an object of the host',
    "const self = this; module.exports = () => self.constructor.constructor === Function ? 'ok' : 'ESCAPED'",
    { as: 'program' },
  ],
  [
    '__filename and __dirname',
    'vm2 GHSA-x6m4-chr9-cg97',
    'they told paths of the host',
    'module.exports = () => __filename + __dirname',
    { as: 'program', options: { filename: 'a.cjs' } },
  ],
  [
    'live bindings into the loader',
    'new',
    'an import is a getter on an object of the loader',
    "import * as self from './a.js'; export default () => { try { Object.defineProperty(self, 'default', { value: 9 }) } catch {} return 'ok' }",
    { as: 'program', options, ...ok },
  ],
])
