import { describe, expect, it } from 'vitest'
import { type PrepareOptions, prepare } from '../../src/program/prepare.ts'

const invalid = (source: string, options: PrepareOptions = {}) => {
  const prepared = prepare(source, options)
  if (prepared.kind !== 'invalid') throw new Error(`The program is ${prepared.kind}`)
  return prepared.error
}

describe('a syntax error', () => {
  it.each<[string, PrepareOptions, string, number, number]>([
    ['let x = ;', {}, 'program.ts', 1, 9],
    ['const a = 1\n\nexport default (a => {\n', {}, 'program.ts', 4, 1],
    ['export const a = 1\nexport const a = 2', {}, 'program.ts', 2, 14],
    ['"é😀"; let x = 1; let x = 2', {}, 'program.ts', 1, 23],
    ['\ufefflet x = ;', {}, 'program.ts', 1, 10],
    ['a\r\nb\r\nlet x = ;', {}, 'program.ts', 3, 9],
    ['a // \u2028let x = ;', {}, 'program.ts', 2, 9],
    ['exports.a = 1\nexports.b = = 2', { filename: 'a.cjs' }, 'a.cjs', 2, 13],
    ['1 +\n* 2', { kind: 'script' }, 'program.ts', 2, 1],
    ['1\nreturn 2', { kind: 'script' }, 'program.ts', 2, 1],
    ['1\nawait 2', { kind: 'script' }, 'program.ts', 2, 1],
    ['1\nimport "a"', { kind: 'script' }, 'program.ts', 2, 1],
    ['1\nexport default 1', { kind: 'commonjs' }, 'program.ts', 2, 1],
    ['let x: number = 1 as', { filename: 'a.ts' }, 'a.ts', 1, 21],
    ['let x: number = 1', { filename: 'a.js' }, 'a.js', 1, 6],
    [`import './b'`, { modules: { 'b.ts': 'const x = 1\nconst x = 2' } }, 'b.ts', 2, 7],
    [`import './b.json'`, { modules: { 'b.json': '{\n "a": ] }' } }, 'b.json', 2, 7],
    [`import './b.json'`, { modules: { 'b.json': '{ "a": 1' } }, 'b.json', 1, 9],
    // What our parser accepts and V8 does not.
    ['export const a = 1\nexport const b = /(/', {}, 'program.ts', 2, 18],
    ['let a: number = 1;\n/[z-a]/.test("x")', {}, 'program.ts', 2, 1],
    ['const a = 1\nlet input = 2', {}, 'program.ts', 2, 5],
    ['exports.a = 1\n@(() => {}) class A {}', {}, 'program.ts', 2, 1],
    ['const __vite_ssr_import__ = 1\nexport {}', {}, 'program.ts', 1, 7],
    ['export default 1\nexport default 2', {}, 'program.ts', 1, 1],
  ])('is told with its place: %j %j', (source, options, file, line, column) => {
    const error = invalid(source, options)
    expect({ ...error.location }).toEqual({ file, line, column })
    expect(error.name).toBe('SyntaxError')
    expect(error.message).not.toBe('')
    expect(error.stack).toContain(`at ${file}:${line}:${column}`)
    expect(error.codeFrame).toMatch(new RegExp(`^> ${line} \\|`, 'm'))
  })

  it('comes with the lines around it', () => {
    expect(invalid('const a = 1\nconst b = 2\nconst c = ;\nconst d = 4\nconst e = 5\nconst f = 6').codeFrame).toBe(
      [
        '  1 | const a = 1',
        '  2 | const b = 2',
        '> 3 | const c = ;',
        '    |           ^',
        '  4 | const d = 4',
        '  5 | const e = 5',
      ].join('\n'),
    )
  })

  it('brings nothing to the terminal that the terminal would act on', () => {
    expect(invalid('"\u001b[31m\u0007\u202e"; let x = ;').codeFrame).toMatch(/^> 1 \| " \[31m {2}"; let x = ;\n/)
  })

  it('is cut around its place when the line is long', () => {
    const { codeFrame = '' } = invalid(`${'a;'.repeat(5000)}let x = ;${'b;'.repeat(5000)}`)
    expect(codeFrame.length).toBeLessThan(500)
    expect(codeFrame).toContain('let x = ;')
  })
})

describe('a wrong argument', () => {
  it.each<[unknown, unknown, ErrorConstructor, string]>([
    [1, {}, TypeError, 'Cannot prepare program: the source must be a string, received number'],
    ['', { kind: 'jsx' }, RangeError, 'Cannot prepare program: "kind" must be one of module, commonjs, script'],
    ['', { filename: '' }, RangeError, 'Cannot prepare program: "filename" must have 1 to 1024 characters, received 0'],
    ['', { filename: 1 }, TypeError, 'Cannot prepare program: "filename" must be a string, received number'],
    ['', { modules: { '': '' } }, RangeError, 'Cannot prepare program: the name of a module must have 1 to 1024'],
    ['', { modules: { a: 1 } }, TypeError, 'Cannot prepare program: module "a" must be source text, received number'],
    ['', { modules: 'a' }, TypeError, 'Cannot prepare program: "modules" must be an object'],
    ['', { hostModules: 'a' }, TypeError, 'Cannot prepare program: "hostModules" must be a list of names'],
    ['', { modules: { a: '' }, hostModules: ['a'] }, RangeError, 'Cannot prepare program: module "a" is a host module'],
    ['', { modules: { 'program.ts': '' } }, RangeError, `has the program's own name`],
    ['', { hostModules: ['program.ts'] }, RangeError, 'names both the program and a host module'],
    ['', { file: 'a' }, TypeError, 'Cannot prepare program: there is no option "file"'],
  ])('throws: %j %j', (source, options, type, message) => {
    const attempt = (): unknown => prepare(source as string, options as PrepareOptions)
    expect(attempt).toThrow(type)
    expect(attempt).toThrow(message)
  })
})
