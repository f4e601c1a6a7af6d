import { describe, expect, it } from 'vitest'
import { call } from './kernel-realm.ts'

const MODULES = {
  'locales/de.ts': `export default 'hallo'`,
  'locales/index.ts': `export default 'all'`,
  'lib/a.ts': `export const load = (name: string) => import(name); export const here = import.meta.url`,
  'b.ts': `export const a = 1; const c = 4; export { c as 'a b' }; export default 5; export let n = 0; export const up = () => { n += 1 }`,
  'c.ts': `export * from './d'; export const c = 1`,
  'd.ts': `export * from './c'; export const d = 2`,
  'data.json': '{"__proto__":{"polluted":1},"x":"\u2028"}',
  'old.cjs': `exports.y = 1; exports.again = (name) => require(name)`,
}

const valueOf = async (source: string, options: object = {}) => {
  const ending = await call(source, { modules: MODULES, hostModules: ['host'], ...options })
  return ending.kind === 'returned' ? ending.value : ending
}

describe('a program in the real kernel', () => {
  it.each<[string, unknown]>([
    [`export default 1`, 1],
    [`export default () => 2`, 2],
    [`export default (x) => x`, 'input'],
    [`module.exports = (x) => x`, 'input'],
    [`input`, 'input'],
    [`await 1; export default this`, undefined],
    [`(async () => 5)()`, 5],
    [`import('./b').then((b) => b.a)`, 1],
    [`import f, * as all from './b'; export default [f, all.a, all.default]`, [5, 1, 5]],
    [`import { 'a b' as q } from './b'; export default q`, 4],
    [`export * as default from './d'`, { d: 2, c: 1 }],
    [`import { c, d } from './d'; export default c + d`, 3],
    [`import { n, up } from './b'; up(); up(); export default n`, 2],
    [`import data from './data'; export default [data.x, ({}).polluted]`, ['\u2028', undefined]],
    [`import old, { y } from './old'; export default [old.y, y]`, [1, 1]],
    [`import { here } from './lib/a'; export default [here, import.meta.url]`, ['guest:lib/a.ts', 'guest:program.ts']],
    [`import { double } from 'host'; export default typeof double`, 'function'],
    [`#!/usr/bin/env node\r\nexport default 1`, 1],
    [`\ufeffexport default 1`, 1],
  ])('comes to its value: %s', async (source, value) => {
    expect(await valueOf(source, { input: 'input' })).toEqual(value)
  })

  it.each<[string, unknown]>([
    [`export default await import('./locales/' + 'de').then((m) => m.default)`, 'hallo'],
    [`const l = 'de'; export default await import(\`./locales/\${l}.js\`).then((m) => m.default)`, 'hallo'],
    [`export default await import(['./locales'][0]).then((m) => m.default)`, 'all'],
    [`import { load } from './lib/a'; export default (await load('../b')).a`, 1],
    [`import { load } from './lib/a'; export default (await load('b.ts')).a`, 1],
    [`import { load } from './lib/a'; export default typeof (await load('host')).double`, 'function'],
    [`module.exports = require(['./old.cjs'][0]).y`, 1],
    [`import(['./b'][0]).then((b) => b.a)`, 1],
  ])('may compute what it imports: %s', async (source, value) => {
    expect(await valueOf(source)).toEqual(value)
  })

  it.each([
    ['fs'],
    ['node:fs'],
    ['./locales/fr'],
    ['../b'],
    ['./host'],
    ['constructor'],
    ['__proto__'],
    ['toString'],
    [''],
    ['/b.ts'],
    ['data:text/javascript,1'],
  ])('meets an error of its own where it computes "%s"', async (specifier) => {
    const source = `const name = ${JSON.stringify(specifier)}; export default await import(name).catch((e) => [e instanceof Error, e.code])`
    expect(await valueOf(source)).toEqual([true, 'ERR_MODULE_NOT_FOUND'])
  })

  it.each([['() => 1'], ['function () {}'], ['class {}'], ['(class {})'], ['async () => {}'], ['function* () {}']])(
    'calls what it exports by default without a name "default": %s',
    async (text) => {
      expect(
        await valueOf(`import f from './f'; export default f.name`, { modules: { f: `export default ${text}` } }),
      ).toBe('default')
    },
  )

  it.each<[string, unknown]>([
    ['function own() {}', 'own'],
    ['class { static name = "own" }', 'own'],
    ['Object.freeze(() => 1)', ''],
    ['(0, () => 1)', ''],
    ['{ name: 1 }', 1],
  ])('leaves the names that there are: %s', async (text, name) => {
    expect(
      await valueOf(`import f from './f'; export default f.name`, { modules: { f: `export default ${text}` } }),
    ).toBe(name)
  })

  it.each<[string, object, string, number, number]>([
    ['undeclared', {}, 'program.ts', 1, 1],
    ['const x = 1; undeclared + x', {}, 'program.ts', 1, 14],
    ['if (true) undeclared', {}, 'program.ts', 1, 11],
    ['for (const a of [1]) {\n  1; undeclared }', {}, 'program.ts', 2, 6],
    ['const é = "😀"; null.x', {}, 'program.ts', 1, 22],
    ['\t\tnull.x', {}, 'program.ts', 1, 8],
    ['type A = 1\nexport default (x: number): never => {\n  throw new Error("x")\n}', {}, 'program.ts', 3, 9],
    ['import a, * as b from "./b"; throw new Error(String(a))', {}, 'program.ts', 1, 36],
    ['exports.a = 1\nexports.b()', {}, 'program.ts', 2, 9],
    ['import "./bad"', { modules: { 'bad.ts': 'enum E { A }\nthrow new Error("x")' } }, 'bad.ts', 2, 7],
  ])('tells where it failed: %j', async (source, options, file, line, column) => {
    const ending = await call(source, { modules: MODULES, ...options })
    expect(ending).toMatchObject({ kind: 'threw', error: { location: { file, line, column } } })
    expect(JSON.stringify(ending)).not.toContain('guest:program')
  })

  it('shows no line of ours where an import lacks a name', async () => {
    const ending = await call(`export { nope } from './b'`, { modules: MODULES })
    expect(ending).toMatchObject({
      kind: 'threw',
      error: { message: 'The requested module "b.ts" does not provide an export named "nope"' },
    })
    expect(JSON.stringify(ending)).not.toContain('guest:')
  })
})
