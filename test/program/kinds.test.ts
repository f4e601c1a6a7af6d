import { describe, expect, it } from 'vitest'
import type { ProgramKind } from '../../src/program/prepare.ts'
import { ready, run } from './bare-realm.ts'

describe('the kind of a program', () => {
  it.each<[ProgramKind, string]>([
    ['module', 'export default 1'],
    ['module', 'export {}'],
    ['module', `import { double } from 'host'`],
    ['module', `import type { T } from 'nowhere'`],
    ['module', 'import.meta.url'],
    ['module', 'await 1'],
    ['module', 'for await (const x of []) x'],
    ['module', 'const x = 1; { await x }'],
    ['module', 'await using x = null'],
    ['commonjs', 'module.exports = 1'],
    ['commonjs', `module['exports'] = 1`],
    ['commonjs', 'exports.x = 1'],
    ['commonjs', `Object.defineProperty(exports, '__esModule', { value: true })`],
    ['commonjs', 'if (false) require(nothing)'],
    ['commonjs', 'function f() { return require(nothing) }'],
    ['commonjs', 'declare const require: any; if (false) require(nothing)'],
    ['commonjs', 'export = 1'],
    ['commonjs', '\\u0065xports.x = 1'],
    ['script', '1 + 1'],
    ['script', ''],
    ['script', 'async () => { await 1 }'],
    ['script', 'async function f() { for await (const x of []) x }'],
    ['script', `import('host')`],
    ['script', 'input.exports.x'],
    ['script', 'const require = (x: number) => x; require(1)'],
    ['script', '((module, exports) => { module.exports = exports.x })({}, {})'],
    ['script', '// export default 1\n"module.exports"'],
  ])('is %s for: %s', (kind, source) => {
    expect(ready(source, { hostModules: ['host'] }).kind).toBe(kind)
  })

  it.each<[ProgramKind, string]>([
    ['module', 'a.mjs'],
    ['module', 'a.mts'],
    ['commonjs', 'a.cjs'],
    ['commonjs', 'a.cts'],
    ['script', 'a.js'],
    ['script', 'a.ts'],
    ['script', 'a'],
  ])('is %s for a file called %s, whatever its syntax leaves open', (kind, filename) => {
    expect(ready('1', { filename }).kind).toBe(kind)
  })

  it('is the one the caller named, before the ending and the syntax', () => {
    expect(ready('module.exports', { kind: 'script', filename: 'a.mjs' }).kind).toBe('script')
  })
})

describe('each kind', () => {
  it('runs a module to its namespace', async () => {
    const { value } = await run('export const a = 1; export default await Promise.resolve(2)')
    expect(value).toMatchObject({ a: 1, default: 2 })
  })

  it('runs a CommonJS module to its exports, and lets it return early', async () => {
    const { value } = await run(
      `const { b } = require('./b'); exports.a = b + 1; exports.self = this === exports
       if (exports.a) return
       exports.a = 0`,
      { modules: { 'b.cjs': 'module.exports = { b: require("./c.json").c }', 'c.json': '{"c":41}' }, kind: 'commonjs' },
    )
    expect(value).toMatchObject({ a: 42, self: true })
  })

  it('gives a script its input and takes its last value', async () => {
    const { value } = await run(
      'const total: number = input.price * input.count; total * 1.2',
      {},
      { price: 10, count: 2 },
    )
    expect(value).toBe(24)
  })

  it('leaves scripts and CommonJS sloppy unless they ask to be strict, and modules strict', async () => {
    const strict = '(function () { return this === undefined })()'
    expect((await run(strict)).value).toBe(false)
    expect((await run(`'use strict'; ${strict}`)).value).toBe(true)
    expect((await run(`'other'\n"use strict"\n// why\nvoid 0\n;${strict}`)).value).toBe(true)
    expect((await run(`module.exports = ${strict}`)).value).toBe(false)
    expect((await run(`/* first */ 'use strict'; module.exports = ${strict}`)).value).toBe(true)
    expect((await run(`export default ${strict}`)).value).toMatchObject({ default: true })
  })

  it('takes TypeScript in all of them', async () => {
    expect((await run('enum E { A = 3 } (E.A as number)')).value).toBe(3)
    expect((await run('exports.a = <T,>(x: T): T => x; exports.b = exports.a!(1)')).value).toMatchObject({ b: 1 })
    expect((await run('interface A { x: number } export const a = { x: 1 } satisfies A')).value).toMatchObject({
      a: { x: 1 },
    })
  })

  it('takes CommonJS as TypeScript writes it', async () => {
    const { value } = await run(`import b = require('./b'); export = b + 1`, {
      modules: { 'b.cjs': 'module.exports = 1' },
    })
    expect(value).toBe(2)
  })

  it('reads a plain text among the modules as a module without exports', async () => {
    const { value } = await run(`import * as b from './b'; export default Object.keys(b)`, {
      modules: { b: 'var c = 1' },
    })
    expect(value).toMatchObject({ default: [] })
  })

  it('does not take a name apart from __proto__ for a prototype', async () => {
    const { program, value } = await run(`import { a } from '__proto__'; export default a`, {
      modules: { ['__proto__']: 'export const a = 1' },
    })
    expect(program.moduleNames).toEqual(['program.ts', '__proto__'])
    expect(value).toMatchObject({ default: 1 })
  })
})
