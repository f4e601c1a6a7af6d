import { describe, expect, it } from 'vitest'
import { load, ready, run } from './bare-realm.ts'

const MODULES = {
  'lib/a.ts': `export default 'a'; export const one: number = 1; export let count = 0; export function up() { count += 1 }`,
  'lib/b.ts': `export * from './a.ts'; export { default as a, one as uno } from './a.js'; export * as all from './a'`,
  'data.json': '{"x": [1, 2]}',
  'old.cjs': 'exports.named = 7',
}

describe('imports', () => {
  it.each<[string, unknown]>([
    [`import a from './lib/a.ts'; export default a`, 'a'],
    [`import { one as uno } from './lib/a'; export default uno`, 1],
    [`import a, { one } from './lib/a'; export default a + one`, 'a1'],
    [`import * as a from './lib/a'; export default Object.keys(a).sort().join()`, 'count,default,one,up'],
    [`import './lib/a'; export default 1`, 1],
    [`import { one, uno, a, all } from './lib/b'; export default [one, uno, a, all.one].join()`, '1,1,a,1'],
    [`import { x } from './data.json' with { type: 'json' }; export default x`, undefined],
    [`import data from './data.json' with { type: 'json' }; export default data.x[1]`, 2],
    [`import old, { named } from './old.cjs'; export default old.named + named`, 14],
    [`import { double } from 'host'; export default double(4)`, 8],
    [`const { one } = await import('./lib/a'); export default one`, 1],
    [`const { one } = await import(\`./lib/a\`); export default one`, 1],
    [`import { type T, one } from './lib/a'; export default one satisfies T`, 1],
    [`export default import.meta.url`, 'guest:program.ts'],
    [`export default await import('fs').catch((error) => error.message)`, 'cannot import fs'],
    [`const name = 'f' + 's'; export default await import(name).catch((error) => error.message)`, 'cannot import fs'],
  ])('work in: %s', async (source, expected) => {
    const { value } = await run(source, { modules: MODULES, hostModules: ['host'] })
    expect(value).toMatchObject({ default: expected })
  })

  it('are live bindings', async () => {
    const { value } = await run(
      `import { count, up } from './lib/a'; const before = count; up(); export default [before, count]`,
      { modules: MODULES },
    )
    expect(value).toMatchObject({ default: [0, 1] })
  })

  it('may go in a circle', async () => {
    const { value } = await run(`import { even } from './even'; export default even(10)`, {
      modules: {
        even: `import { odd } from './odd'; export function even(n) { return n === 0 || odd(n - 1) }`,
        odd: `import { even } from './even'; export function odd(n) { return n !== 0 && even(n - 1) }`,
      },
    })
    expect(value).toMatchObject({ default: true })
  })

  it('work from scripts and CommonJS, which load by promise', async () => {
    const options = { modules: MODULES, hostModules: ['host'] }
    const script = await run(`import('host').then(({ double }) => double(input))`, options, 21)
    expect(script.value).toBe(42)
    const commonjs = await run(`module.exports = import(\`./lib/a\`)`, options)
    expect(commonjs.value).toMatchObject({ one: 1 })
  })
})

describe('exports', () => {
  it.each<[string, object]>([
    ['export const a = 1, { b, c: [d] } = { b: 2, c: [3] }', { a: 1, b: 2, d: 3 }],
    ['export default class { static x = 1 }; export const x = 1', { x: 1 }],
    ['const x = 1; export { x as default, x as "two words" }', { default: 1, 'two words': 1 }],
    ['export enum E { A = "a" }', { E: { A: 'a' } }],
    ['export namespace N { export const x = 1 }', { N: { x: 1 } }],
    ['export type T = string; export interface I {} export const x = 1', { x: 1 }],
    ['export const enum E { A = 4 } export const x = E.A', { x: 4 }],
    ['export abstract class A { constructor(readonly x: number) {} } export const a = new (A as any)(1).x', { a: 1 }],
    ['using x = { [Symbol.dispose]() {} }; export const a = 1', { a: 1 }],
  ])('work in: %s', async (source, expected) => {
    expect((await run(source)).value).toMatchObject(expected)
  })
})

describe('the script', () => {
  it('has the shape the guest runtime reads', () => {
    const { script } = ready(`import { x } from './b.cjs'; import 'host'; export default x`, {
      modules: { 'b.cjs': 'exports.x = 1', 'c.json': '{}' },
      hostModules: ['host'],
    })
    expect(script).toMatch(/^\(\{ __proto__: null, entry: "program\.ts", modules: \{ __proto__: null,\n/)
    expect(script).toContain('deps: { __proto__: null, ["./b.cjs"]: "b.cjs", ["host"]: "host" }')
    expect(script).toContain(
      'run: async function __module_level__(__vite_ssr_exports__, __vite_ssr_import_meta__, __vite_ssr_import__, ' +
        '__vite_ssr_dynamic_import__, __vite_ssr_exportAll__) { "use strict";\n',
    )
    expect(script).toContain(
      'run: function __module_level__(exports, require, module, __filename, __dirname, __ringfence_import__) {\n',
    )
    expect(script).toContain('["c.json"]: { __proto__: null, kind: "json", deps: { __proto__: null }, text: "{}" },')
  })

  it('does not depend on the name or the number of the run', () => {
    const program = ready('let n = 0; n += 1')
    expect([load(program), load(program)]).toEqual([1, 1])
  })
})
