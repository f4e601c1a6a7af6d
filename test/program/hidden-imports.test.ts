import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/program/prepare.ts'
import { ready, run } from './bare-realm.ts'

/** Each of these hid an `import()` from one or another tool that searched for it in the text. */
const HIDDEN: readonly (readonly [trick: string, source: string])[] = [
  ['a comment between', 'import/* ( */(name)'],
  ['a line between', 'import\n// (\n(name)'],
  ['odd white space', 'import\u00a0\u2003(name)'],
  ['parentheses', '(((import((name)))))'],
  ['options', 'import(name, { with: { type: "json" } })'],
  ['a phase', 'import.defer(name)'],
  ['a template within a template', '`${`${import(name)}`}`'],
  ['a regular expression that looks like a comment', 'var a = /[/*]/; import(name); /[*/]/'],
  ['a division that looks like a regular expression', 'var a = 1, g = 1; a = (a) / 2; import(name); g / 1'],
  ['a string with quotes in it', `'\\'' + "'"; import(name); '"'`],
  ['a closing brace before a regular expression', '{}/`/.test("x"); import(name); /`/'],
  ['a default value', '((a = import(name)) => a)()'],
  ['a computed key', '({ [import(name)]: 1 })'],
  ['a class field', 'new (class { a = import(name) })'],
  ['a static block', '(class { static { import(name) } })'],
  ['a tagged template', '((s, a) => a)`${import(name)}`'],
  ['a type assertion', 'import(name) as any'],
  ['a non-null assertion', 'import(name)!'],
  ['a generic call', '((<T,>(a: T) => a))<Promise<any>>(import(name))'],
  ['an enum', 'enum E { A = (import(name), 1) } E.A'],
  ['a namespace', 'namespace N { export const a = import(name) }'],
  ['a word before', 'void import(name)'],
  ['a label', 'a: import(name)'],
  ['an else without a gap', 'if(0);else import(name)'],
]

describe('an import()', () => {
  describe.each(['script', 'commonjs', 'module'] as const)('in a %s', (kind) => {
    it.each(HIDDEN)('goes to our loader behind %s', (_, source) => {
      const { script } = ready(`var name = 'fs'; ${source}`, { kind })
      const { module, errors } = parseSync('a.js', script, { sourceType: 'script' })
      expect(errors).toEqual([])
      expect(module.dynamicImports).toEqual([])
      expect(script).toMatch(/__(?:ringfence_import|vite_ssr_dynamic_import)__\(\(*name/)
    })
  })

  it.each([
    ['an escape in the word', 'im\\u0070ort("fs")'],
    ['an HTML-like comment', 'x = 1 <!-- \nimport("fs")'],
    ['the end of an HTML-like comment', '1\n--> import("fs")'],
  ])('is not a program behind %s', (_, source) => {
    expect(prepare(source, { kind: 'script' })).toMatchObject({ kind: 'invalid' })
  })

  it('stays what it is in text and in comments', async () => {
    const { program, value } = await run('/* import("a") */ "import(\'b\')" // import("c")')
    expect(value).toBe(`import('b')`)
    expect(program.script).not.toContain('import("')
  })

  it('is no part of a module that compares with what looks like an HTML comment', async () => {
    const { value } = await run('let b = 1, a = 1; export default a<!--b\n&& 0; export const c = b')
    expect(value).toMatchObject({ c: 0 })
  })
})

describe('the function around a program', () => {
  it.each([
    ['a closing brace', '} }, x: { run() {'],
    ['a closing brace after a return', 'return 1 } }); evil(); ({ a: { b() {'],
    ['an open comment', '1 /*'],
    ['an open template', '`${1'],
    ['an open string', '"'],
    ['an open regular expression', '1; /x'],
    ['a parameter list', ') { } (function ('],
    ['super', 'super.x'],
    ['a private name', 'this.#x'],
    ['a jump', 'break'],
  ])('is not closed or reached by %s', (_, source) => {
    for (const kind of ['script', 'commonjs', 'module'] as const) {
      expect(prepare(source, { kind }), kind).toMatchObject({ kind: 'invalid' })
    }
  })

  it.each([
    ['a line comment at the end', '1 // }'],
    ['a comment at the end', '1 /* } */'],
    ['a hashbang', '#!/usr/bin/env } }\n1'],
    ['a hashbang alone', '#!/usr/bin/env'],
    ['a source map comment', '1\n//# sourceMappingURL=x'],
    ['braces in text', '"} }"; `} }`; /} }/; 1'],
    ['a line separator in text', '"\u2028 }"; 1'],
    ['an expression without a semicolon', 'var a = () => {}'],
    ['a function at the end', 'function f() {}'],
    ['no end of an if', 'if (1) ;'],
    ['nothing', ''],
    ['white space', ' \n\t'],
  ])('stays closed behind %s', (_, source) => {
    for (const kind of ['script', 'commonjs', 'module'] as const) {
      const { script } = ready(source, { kind, modules: { other: 'export const a = 1' } })
      expect(parseSync('a.js', script, { sourceType: 'script' }).program.body, kind).toHaveLength(1)
      expect(script).toMatch(/\n\} \},\n\["other"\]|\} \},\n\["other"\]/)
    }
  })
})
