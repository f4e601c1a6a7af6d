import { describe, expect, it } from 'vitest'
import { type PrepareOptions, prepare } from '../../src/program/prepare.ts'
import { call } from './kernel-realm.ts'

const MODULES = {
  'types.ts': 'export type T = { x: number }; export interface I extends T {} export const value = 1',
  'old.cjs': 'module.exports = 5',
}

describe('TypeScript', () => {
  it.each<[string, string, unknown]>([
    ['types', 'type A = number; interface B { a: A } const b: B = { a: 1 }; export default b.a', 1],
    ['enums', 'enum E { A, B = A + 5, C } export default [E.A, E.B, E.C, E[5]]', [0, 5, 6, 'B']],
    ['enums of text', `enum E { A = 'x', B = A } export default E.B`, 'x'],
    ['const enums', 'const enum E { A = 1 << 3 } export default E.A', 8],
    [
      'namespaces',
      'namespace N { export const x = 1; export namespace M { export const y = x + 1 } } export default N.M.y',
      2,
    ],
    ['names for what is in namespaces', 'namespace N { export const a = 1 } import b = N.a; export default b', 1],
    [
      'generics',
      'function f<const T extends readonly unknown[]>(...a: T): T { return a } export default f<[number]>(1)',
      [1],
    ],
    ['generic arrows', 'const f = <T,>(x: T) => x; export default f(2)', 2],
    ['satisfies', 'export default ({ a: 1 } satisfies Record<string, number>).a', 1],
    ['assertions', 'const x: unknown = 1; export default <number>x + (x as number) + (x as any)!', 3],
    [
      'parameter properties',
      'class A { constructor(private x: number, readonly y = 2) {} sum() { return this.x + this.y } } export default new A(1).sum()',
      3,
    ],
    [
      'what classes declare',
      'abstract class A<T> { abstract f(): T; declare z: number; x!: number } class B extends A<number> { override f() { return 1 } } export default Object.keys(new B())',
      ['x'],
    ],
    [
      'overloads',
      'function f(x: string): string; function f(x: number): number; function f(x: any) { return x } export default f(1)',
      1,
    ],
    [
      'predicates',
      'function f(x: unknown): x is 1 { return x === 1 } function g(x: unknown): asserts x {} export default f(1)',
      true,
    ],
    ['a parameter called this', 'function f(this: number) { return this } export default f.call(3)', 3],
    [
      'declarations of what is elsewhere',
      `declare global { interface X {} } declare module 'x' { export const y: 1 } declare const z: 1; export default 1`,
      1,
    ],
    [
      'imports of types',
      `import type { T } from './types'; import { type I, value } from './types'; export default value satisfies number`,
      1,
    ],
    [
      'imports of types that do not say so',
      `import { T, value } from './types'; export default value as unknown as T`,
      1,
    ],
    ['exports of types', `export type { T } from './types'; export type * from 'nowhere'; export default 1`, 1],
    ['types that import', `let x: import('nowhere').X | undefined; export default typeof x`, 'undefined'],
    ['import x = require()', `import x = require('./old'); export = { default: x + 1 }`, { default: 6 }],
    ['using', 'let v = 0; { using x = { [Symbol.dispose]() { v = 1 } } } export default v', 1],
  ])('may have %s', async (_, source, value) => {
    const ending = await call(source, { modules: MODULES })
    expect(ending).toEqual({ kind: 'returned', value })
  })

  it.each<[string, string, PrepareOptions, string, number, number]>([
    ['decorators', 'const d = (x: unknown) => {}\n@d class A {}', {}, 'Decorators are not supported', 2, 1],
    ['decorators of members', 'class A {\n  @((x) => x) m() {}\n}', {}, 'Decorators are not supported', 2, 3],
    ['accessor', 'class A { accessor x = 1 }', {}, '"accessor" is not supported: write a getter and a setter', 1, 20],
    [
      'variables of namespaces',
      'namespace N { export let x = 1 }',
      {},
      'Namespaces exporting non-const are not supported',
      1,
      26,
    ],
    ['JSX', '<a>b</a>', { filename: 'program.tsx' }, 'JSX is not supported', 1, 1],
    ['JSX in JavaScript', 'x = <a>b</a>', { filename: 'program.js' }, 'Unexpected JSX expression', 1, 5],
    [
      'import = in a module',
      `import x = require('./old'); export default x`,
      {},
      'belongs to CommonJS: use "import … from"',
      1,
      1,
    ],
    ['export = in a module', `import './old'\nexport = 1`, {}, 'belongs to CommonJS: use "export default"', 2, 1],
    ['import source', `import source x from './old'`, {}, '"import source" is not supported', 1, 1],
    ['import.source()', `export default import.source('./old')`, {}, '"import source" is not supported', 1, 16],
    [
      'other import attributes',
      `import x from './old' with { type: 'text' }`,
      {},
      `The only import attribute supported is { type: 'json' }`,
      1,
      23,
    ],
    [
      'other export attributes',
      `export * from './old'\n  with { type: 'css' }`,
      {},
      `The only import attribute supported`,
      2,
      3,
    ],
    [
      'a variable called as the input',
      '1\nlet input = 2',
      {},
      `'input' has already been declared: it is what a script is called with`,
      2,
      5,
    ],
    [
      'a variable called as what CommonJS has',
      'let require = 1; exports.a = 1',
      {},
      `'require' has already been declared: every CommonJS`,
      1,
      5,
    ],
    ['with', 'with ({ a: 1 }) a', {}, `'with' statements are not allowed`, 1, 1],
  ])('says so where it may not have: %s', (_, source, options, message, line, column) => {
    expect(prepare(source, { modules: MODULES, ...options })).toMatchObject({
      kind: 'invalid',
      error: { message: expect.stringContaining(message) as string, location: { line, column } },
    })
  })

  it.each([
    [`import x from './data' with { type: 'json' }; export default x`],
    [`import x from './data' with { 'type': "json", }; export default x`],
    [`import x from './data' with {}; export default x`],
    [`export { default } from './data' with { type: 'json' };`],
    [`import source from './data'; export default source`],
    [`import defer from './data'; export default defer`],
    [`import defer * as x from './data'; export default x.default`],
    [`export default (await import.defer('./data')).default`],
    [`export default (await import('./data', { with: { type: 'json' } })).default`],
  ])('may import so: %s', async (source) => {
    const ending = await call(source, { modules: { 'data.json': '[1]' } })
    expect(ending).toEqual({ kind: 'returned', value: [1] })
  })
})
