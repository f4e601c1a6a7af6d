import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PrepareOptions, prepare } from '../../src/program/prepare.ts'
import { ready } from './bare-realm.ts'
import { callProgram, marksLeft, nextMark } from './kernel-realm.ts'

const KINDS = ['script', 'commonjs', 'module'] as const

/** Runs a program, with what loads `"fs"` made to leave a mark, and answers the marks it left. */
async function escapesOf(source: string, options: PrepareOptions): Promise<readonly number[]> {
  const prepared = prepare(source.replaceAll('fs', nextMark()), options)
  if (prepared.kind !== 'ready') return []
  await callProgram(prepared.program)
  return marksLeft()
}

/** Each of these reaches the host's loader where a tool that searches text for `import(` is fooled. */
const ESCAPES: readonly (readonly [trick: string, source: string])[] = [
  ['nothing', 'import("fs")'],
  ['a comment', 'import/**/("fs")'],
  ['a line comment', 'import// (\n("fs")'],
  ['an escape in the word', '\\u0069mport("fs")'],
  ['an escape in braces', '\\u{69}mport("fs")'],
  ['an HTML comment', '<!-- \nimport("fs")'],
  ['the end of an HTML comment', '-->\nimport("fs")'],
  ['the end of an HTML comment after a comment', '/*\n*/ --> `\nimport("fs") //`'],
  ['an HTML comment within a template', '`${1 <!-- }`\n}`; import("fs")'],
  ['an HTML comment that a module takes for operators', 'var a = 1; a <!--a; import("fs")\n'],
  ['a hashbang with a line separator', '#!x\u2028import("fs")'],
  ['a comment with a line separator', '// x\u2028import("fs")'],
  ['a string with a line separator', '"\u2028"; import("fs")'],
  ['a template in a template', '`${`${import("fs")}`}`'],
  ['a division after a brace', 'var a = {}\n/1; import("fs"); /1'],
  ['a regular expression after a block', '{}\n/1; import("fs"); /.x'],
  ['a regular expression with a slash in a class', '/[/]/; import("fs")'],
  ['a regular expression in the v mode', '/[[/]]/v; import("fs")'],
  ['a division by an increment', 'var a = 1; a++ /import("fs")/ 1'],
  ['a division by a parenthesis', 'if (1) /x/; (1) /import("fs")/ 1'],
  ['async as a name', 'var async = (x) => x; async (import("fs"))'],
  ['async on a line of its own', 'var async\nasync\nx => import("fs")\nvar x; import("fs")'],
  ['an async arrow', '(async (a = import("fs")) => a)()'],
  ['an arrow in a condition', '1 ? (a) : import("fs"); var a'],
  ['of as a name', 'var of = [1]; for (var of of of) import("fs")'],
  ['yield as a name', 'var g = 1; function* f() { yield /1; import("fs"); /1 } f().next(); import("fs")'],
  ['a getter called import', '({ get import() { return import("fs") } }).import'],
  ['a method called import', '({ import() { return 1 } }).import(import("fs"))'],
  ['import after import.meta', 'import.meta; import("fs")'],
  ['a class field', 'new (class { import = import("fs") })'],
  ['a static field', '(class { static x = import("fs") })'],
  ['a computed key', '(class { static [import("fs")]() {} })'],
  ['a heritage', '(class extends (import("fs"), Object) {})'],
  ['a default parameter', '((a = import("fs")) => a)()'],
  ['a pattern', 'var { [import("fs")]: a } = {}'],
  ['a tag', '((x) => x)`${import("fs")}`'],
  ['a type argument', 'f<(a: typeof import("fs")) => 1>(import("fs")); function f(x: any) { return x }'],
  ['what looks like type arguments', 'var a = 1, b = 2; a < b > (import("fs"))'],
  ['a type assertion', '<any>import("fs")'],
  ['an enum', 'enum E { A = (import("fs"), 1) }'],
  ['a namespace', 'namespace N { export const a = import("fs") }'],
  ['a parameter property', 'new (class { constructor(private a = import("fs")) {} })'],
  ['a decorator', '@(import("fs")) class A {}'],
  ['import.defer', 'import.defer("fs")'],
  ['import.source', 'import.source("fs")'],
  ['a second argument', 'import("fs", { with: { type: import("fs") } })'],
  ['an import in an import', 'import(import("fs"))'],
  ['a spread', '[...[import("fs")]]'],
  ['a sequence', '(0, import("fs"))'],
  ['an optional chain', 'import("fs")?.then?.((x) => import("path"))'],
  ['a static block', '(class { static { import("fs") } })'],
  ['using', '{ using a = (import("fs"), null) }'],
  ['a label', 'import: import("fs")'],
  ['indirect eval', `(0, eval)('import("fs")')`],
  ['a function made of text', `new Function('return import("fs")')()`],
  ['a function made of text by another constructor', `(async () => {}).constructor('return import("fs")')()`],
  ['the functions a program is given', 'arguments; for (const f of arguments) try { f("fs") } catch {}'],
  ['a closing brace', '} }, x: { run() { import("fs")'],
  ['a closing brace behind a comment', '/*\n*/ } }); import("fs"); ({ a: { b() {'],
]

describe('no import() of a program reaches the loader of Node', () => {
  describe.each(KINDS)('from a %s', (kind) => {
    it.each(ESCAPES)('behind %s', async (_, source) => {
      expect(await escapesOf(source, { kind })).toEqual([])
      expect(await escapesOf(source, { kind, filename: 'program.js' })).toEqual([])
    })
  })

  it('unseen by these tests', async () => {
    const run = `() => { import('${nextMark()}').catch(() => {}) }`
    const script = `({ entry: 'a', modules: { a: { kind: 'script', deps: {}, run: ${run} } } })`
    await callProgram({ ...ready('1'), script })
    expect(await marksLeft()).toHaveLength(1)
  })

  it('from an imported module', async () => {
    const mark = nextMark()
    const source = `export default import('./b').then(() => import('${mark}'))`
    const modules = { b: `await import('${mark}')`, 'c.json': '"import(1)"' }
    await callProgram(ready(source, { modules }))
    expect(await marksLeft()).toEqual([])
  })

  it.each([
    [`"]: 1, [import("fs")]: "`],
    [`*/ import("fs") /*`],
    ['\u2028import("fs")'],
    ['\nimport("fs")//'],
    ['${import("fs")}'],
    [`'}); import("fs"); ({'`],
  ])('from the name of a module: %j', async (pattern) => {
    const name = pattern.replace('fs', nextMark())
    const source = `import a from ${JSON.stringify(name)}; export default a`
    const ending = await callProgram(ready(source, { modules: { [name]: 'export default 1' } }))
    expect(ending).toEqual({ kind: 'returned', value: 1 })
    await callProgram(ready('1', { filename: name }))
    expect(await marksLeft()).toEqual([])
  })

  it('from any mixture of what is hard to read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...KINDS),
        async (pieces, kind) => {
          expect(await escapesOf(pieces.join(''), { kind })).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })
})

const IMPORT = 'import("fs")'
const PIECES = [
  IMPORT,
  IMPORT,
  IMPORT,
  'import',
  '("fs")',
  '/',
  '/',
  '//',
  '/*',
  '*/',
  '<!--',
  '-->',
  '`',
  '`',
  '${',
  '}',
  '{',
  '(',
  ')',
  '"',
  "'",
  '\\',
  '\n',
  '\n',
  '\u2028',
  '\r',
  ';',
  ';',
  ' ',
  'a',
  'a',
  '++',
  '1',
  '=>',
  'async ',
  '=',
  'var a=',
  '<',
  '>',
  '<a>',
  'as any',
  ':',
  '?',
  '[',
  ']',
  ',',
  '#!',
  '\ufeff',
  '.',
  'g',
  '0,',
  'return ',
  'typeof ',
  'function f(){',
  'class A{',
  'if(1)',
  '@',
  '!',
] as const

describe('a guest that uses our own names', () => {
  it.each([
    ['__vite_ssr_import__("fs").catch((error) => error.code)', 'module'],
    ['__vite_ssr_dynamic_import__("fs").catch((error) => error.code)', 'module'],
    ['__ringfence_import__("fs").catch((error) => error.code)', 'script'],
  ] as const)('reaches no more than by import(): %s', async (source, kind) => {
    const prepared = prepare(kind === 'module' ? `export default await ${source}` : source, { kind })
    expect(prepared).toMatchObject({ kind: 'ready' })
    if (prepared.kind !== 'ready') return
    expect(await callProgram(prepared.program)).toEqual({ kind: 'returned', value: 'ERR_MODULE_NOT_FOUND' })
  })

  it.each([
    ['__ringfence_import__ = () => "mine"; import("fs")', 'script', 'mine'],
    ['var __ringfence_value__ = 1; 2', 'script', 2],
    [
      'function __vite_ssr_import__() { return { a: "mine" } } import { a } from "./b"; export default a',
      'module',
      'mine',
    ],
    ['__vite_ssr_exports__.default = "mine"', 'module', 'mine'],
  ] as const)('harms only itself: %s', async (source, kind, value) => {
    const prepared = prepare(source, { kind, modules: { b: 'export const a = 1' } })
    expect(prepared).toMatchObject({ kind: 'ready' })
    if (prepared.kind !== 'ready') return
    expect(await callProgram(prepared.program)).toEqual({ kind: 'returned', value })
  })

  it.each([
    ['let __ringfence_value__ = 1', 'script'],
    ['let __ringfence_import__ = 1', 'script'],
    ['class __ringfence_import__ {}', 'commonjs'],
    ['let __vite_ssr_import__ = 1', 'module'],
    ['const __vite_ssr_export_default__ = 1; export default 2', 'module'],
    ['import { a } from "b"; const __vite_ssr_import_0__ = 1; a', 'module'],
  ] as const)('is told that they are taken: %s', (source, kind) => {
    expect(prepare(source, { kind, modules: { b: 'export const a = 1' } })).toMatchObject({
      kind: 'invalid',
      error: {
        message: expect.stringContaining('has already been declared') as string,
        location: { file: 'program.ts', line: 1 },
      },
    })
  })
})
