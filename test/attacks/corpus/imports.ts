import { type Family, family } from '../attack.ts'

const S = String.raw
const any = ['returned', 'threw', 'refused'] as const
const program = { as: 'program', ends: any } as const
const modules = { './m.js': 'export const a = 1', './data.json': '{"__proto__":{"polluted":1}}' }

/** Looks at what comes of an `import()`: anything but our own refusal is the host's loader. */
const loads = (expression: string): string =>
  `const p = (() => { try { return ${expression} } catch (error) { leak(error, 'error'); return {} } })(); leak(p, 'promise'); try { const m = await p; leak(m, 'module'); if (m?.readFileSync || m?.default?.readFileSync || m?.pid) note('ESCAPED') } catch (error) { leak(error, 'error') }`

/** `import()` reaches the loader of whoever compiled the text: in a realm of Node, the host's. */
export const IMPORTS: Family = family('import() and import.meta', [
  [
    'import of a built-in',
    'vm2 attack category 13',
    'its promise was of the host, whatever it became',
    loads('import("node:" + "fs")'),
  ],
  [
    'import of a built-in, in a sloppy function',
    'vm2 attack category 13',
    'only modules were rewritten',
    loads('import("node:" + "fs")'),
    { as: 'sloppy' },
  ],
  [
    'import with a comment within',
    'vm2 attack category 12',
    'the censor searched for "import("',
    loads('import/**/("node:" + "fs")'),
  ],
  [
    'import with a line comment within',
    'vm2 attack category 12',
    'the censor searched one line',
    loads('import // (\n ("node:" + "fs")'),
  ],
  [
    'import in a template in a template',
    'vm2 attack category 12',
    'templates nest',
    'const t = `${`${await (async () => { ' + loads('import("node:" + "fs")') + '})()}`}`',
  ],
  [
    'import as a default parameter',
    'vm2 attack category 12',
    'the transformer looked at bodies',
    loads('((a = import("node:" + "fs")) => a)()'),
  ],
  [
    'import in a field',
    'vm2 attack category 12',
    'fields were new syntax',
    loads('new (class { a = import("node:" + "fs") })().a'),
  ],
  [
    'import in a static block',
    'vm2 attack category 12',
    'static blocks were newer syntax',
    'let got; class A { static { got = import("node:" + "fs") } }; ' + loads('got'),
  ],
  [
    'import in a computed key',
    'vm2 attack category 12',
    'keys were not visited',
    'let got; ({ [(got = import("node:" + "fs"), 1)]: 1 }); ' + loads('got'),
  ],
  ['import in a tag', 'vm2 attack category 12', 'tags are calls', loads('((s, a) => a)`${import("node:" + "fs")}`')],
  [
    'import behind using',
    'vm2 attack category 16',
    'the parser was older than the engine',
    '{ using a = (globalThis.got = import("node:" + "fs"), null) } ' + loads('got'),
  ],
  [
    'import.defer and import.source',
    'new',
    'phases are newer than parsers',
    "import.defer('node:fs'); import.source('node:fs')",
    program,
  ],
  [
    'import with attributes that run',
    'new',
    'attributes were read by the loader',
    loads('import("node:" + "fs", { with: { get type() { leak(this, "this"); return "json" } } })'),
  ],
  [
    'import of what converts itself',
    'vm2 attack category 13',
    'conversion happened in the host',
    loads('import({ toString() { leak(this, "this"); return "node:fs" } })'),
  ],
  ['import of a symbol', 'new', 'conversion throws in the host', loads('import(Symbol())')],
  [
    'import of a data URL',
    'new',
    'a data URL is a module of its own',
    loads('import("data:text/javascript,export default process")'),
  ],
  ['import of a file URL', 'n8n GHSA-v98v-ff95-f3cp', 'any file is a module', loads('import("file:///etc/passwd")')],
  [
    'import of the program itself',
    'new',
    'the name of the program is a path of the host',
    loads('import(import.meta.url)'),
  ],
  [
    'import of a name with a null byte',
    'new',
    'the path ended earlier than the check',
    loads(S`import('./m.js\u0000.node')`),
    { options: { modules } },
  ],
  [
    'import of JSON with __proto__',
    'new',
    'JSON became an object by assignment',
    'const m = await import("./data.json"); if ({}.polluted || m.default.polluted) note("polluted"); leak(m, "json")',
    { options: { modules } },
  ],
  [
    'import by a taken loader',
    'vm2 attack category 12',
    'the name of the rewritten call was known',
    `const take = typeof __vite_ssr_dynamic_import__ === 'function' ? __vite_ssr_dynamic_import__ : () => {}; ${loads('take("node:" + "fs")')}`,
  ],
  [
    'import by the loader of static imports',
    'vm2 attack category 12',
    'internal names were not guarded',
    loads('__vite_ssr_import__("node:" + "fs", { importedNames: ["readFileSync"] })'),
  ],
  [
    'import by the loader of scripts',
    'vm2 attack category 12',
    'internal names were not guarded',
    loads('__ringfence_import__("node:" + "fs")'),
    { as: 'sloppy' },
  ],
  [
    'the loader told odd things',
    'new',
    'its options were trusted',
    loads(
      '__vite_ssr_import__("./m.js", { importedNames: new Proxy([], { get: (t, k) => { leak(t, "target"); return k === "length" ? 1e3 : "a" } }) })',
    ),
    { options: { modules } },
  ],
  [
    'the loader overwritten',
    'new',
    'a guest that answers its own imports',
    'try { __vite_ssr_dynamic_import__ = async () => ({ forged: 1 }) } catch (error) { leak(error, "refusal") } await attempt(() => import("./m.js"), "import")',
    { options: { modules } },
  ],
  [
    'exports copied onto prototypes',
    'new',
    're-exports defined by key',
    'try { __vite_ssr_exportAll__({ __proto__: { polluted: 1 }, get a() { note("read"); return 1 } }) } catch (error) { leak(error, "refusal") } if ({}.polluted) note("polluted")',
  ],
  [
    'import.meta',
    'vm2 attack category 13',
    'the host object of the module',
    'leak(import.meta, "meta"); for (const key of Reflect.ownKeys(import.meta)) leak(import.meta[key], key); import.meta.url = "x"; await attempt(() => import.meta.resolve?.("fs"), "resolve")',
  ],
  [
    'import.meta in a script',
    'new',
    'it is a syntax error that V8 tells of with a path',
    'import.meta',
    { ...program, options: { kind: 'script' } },
  ],
  [
    'static imports of built-ins',
    'vm2 GHSA-8hg8-63c5-gwmx',
    'denied modules were reached by another name',
    "import fs from 'node:fs'; export default 'ESCAPED'",
    { ...program, ends: ['refused'] },
  ],
  [
    're-exports of built-ins',
    'vm2 attack category 13',
    'only imports were checked',
    "export * from 'node:child_process'; export default 'ESCAPED'",
    { ...program, ends: ['refused'] },
  ],
  [
    'require of built-ins',
    'vm2 attack category 13',
    'require was the host’s',
    "module.exports = typeof require('child_process').exec",
    { ...program, ends: ['refused'] },
  ],
  [
    'require of built-ins, computed',
    'vm2 GHSA-6w8r-xxw2-g3hx',
    'only literals were checked',
    "module.exports = () => { try { return 'ESCAPED' + typeof require('node:' + 'sqlite').DatabaseSync } catch (error) { return error.constructor === Error } }",
    { as: 'program' },
  ],
  [
    'what hangs on require',
    'vm2 GHSA-8hr7-r645-pc6w',
    'require.main and its cache led to the host',
    "module.exports = () => { const ways = [require.main, require.cache, require.resolve, require.extensions, module.constructor._load, module.parent, module.paths, module.children, process_()]; function process_() { try { return process } catch {} } return ways.some((x) => x !== undefined) ? 'ESCAPED' : 'ok' }",
    { as: 'program' },
  ],
])
