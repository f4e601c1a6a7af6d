import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/program/prepare.ts'
import { resolveModule } from '../../src/program/resolve.ts'

const REACHABLE = {
  modules: new Set([
    'program.ts',
    'stats',
    'lib/a.ts',
    'lib/b/index.js',
    './dot.ts',
    'lib/c.mts',
    'd.json',
    '__proto__',
  ]),
  hostModules: new Set(['host']),
}

describe('a specifier', () => {
  it.each([
    ['stats', 'program.ts', 'stats'],
    ['host', 'lib/a.ts', 'host'],
    ['./lib/a', 'program.ts', 'lib/a.ts'],
    ['./lib/a.ts', 'program.ts', 'lib/a.ts'],
    ['./lib/a.js', 'program.ts', 'lib/a.ts'],
    ['./c.mjs', 'lib/a.ts', 'lib/c.mts'],
    ['./b', 'lib/a.ts', 'lib/b/index.js'],
    ['../a', 'lib/b/index.js', 'lib/a.ts'],
    ['../../stats', 'lib/b/index.js', 'stats'],
    ['./dot', 'program.ts', './dot.ts'],
    ['./dot.ts', 'lib/a.ts', './dot.ts'],
    ['./d', 'program.ts', 'd.json'],
    ['lib/a.ts', 'program.ts', 'lib/a.ts'],
    ['__proto__', 'program.ts', '__proto__'],
  ])('%s in %s means %s', (specifier, importer, target) => {
    expect(resolveModule(specifier, importer, REACHABLE)).toBe(target)
  })

  it.each([
    ['fs'],
    ['node:fs'],
    ['./stats/x'],
    ['../program.ts'],
    ['../../etc/passwd'],
    ['/lib/a.ts'],
    ['./host'],
    ['lib/a'],
    ['https://example.test/x.js'],
    ['data:text/javascript,1'],
    ['file:///lib/a.ts'],
    ['constructor'],
    ['toString'],
    [''],
    ['.'],
    ['./'],
  ])('%s means nothing', (specifier) => {
    expect(resolveModule(specifier, 'program.ts', REACHABLE)).toBeUndefined()
  })
})

describe('an import that means nothing', () => {
  it.each([
    [`import fs from 'fs'; export default fs`, 'fs'],
    [`import fs from 'fs'`, 'fs'],
    [`import 'node:fs'`, 'node:fs'],
    [`import {} from '../../etc'`, '../../etc'],
    [`export * from 'https://example.test/x.js'`, 'https://example.test/x.js'],
    [`export { a } from './a'`, './a'],
    [`import { type A, b } from 'b'`, 'b'],
    [`import a from '__proto__'; a`, '__proto__'],
    [`const fs = require('fs'); module.exports = fs`, 'fs'],
    [`exports.a = () => require(\`node:child_process\`)`, 'node:child_process'],
    [`import fs = require('fs'); export = fs`, 'fs'],
  ])('is refused by name in: %s', (source, specifier) => {
    expect(prepare(source)).toMatchObject({
      kind: 'refused',
      specifier,
      reason: expect.stringContaining('program.ts') as string,
    })
  })

  it('is refused in an imported module too', () => {
    const prepared = prepare(`import './a'`, { modules: { a: `import 'fs'` } })
    expect(prepared).toMatchObject({
      kind: 'refused',
      specifier: 'fs',
      reason: expect.stringContaining('"a"') as string,
    })
  })

  it.each([
    [`import type { T } from 'types'; export default 1`],
    [`import { type T } from 'types'; export default 1`],
    [`export type * from 'types'`],
    [`export type { T } from 'types'`],
    [`export default () => import('fs')`],
    [`const x: import('fs').Stats | undefined = undefined`],
    [`module.exports = ((require) => require('fs'))((x) => x)`],
    [`module.exports = (name) => require(name)`],
    [`exports.a = 'require("fs")' // require('fs')`],
  ])('is not there in: %s', (source) => {
    expect(prepare(source)).toMatchObject({ kind: 'ready' })
  })
})
