import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PrepareOptions, prepare } from '../../src/program/prepare.ts'
import { ready } from './bare-realm.ts'
import { ESCAPES, PIECES } from './import-tricks.ts'
import { callProgram, marksLeft, nextMark } from './kernel-realm.ts'

const KINDS = ['script', 'commonjs', 'module'] as const

/** Runs a program, with what loads `"fs"` made to leave a mark, and answers the marks it left. */
async function escapesOf(source: string, options: PrepareOptions): Promise<readonly number[]> {
  const prepared = prepare(source.replaceAll('fs', nextMark()), options)
  if (prepared.kind !== 'ready') return []
  await callProgram(prepared.program)
  return marksLeft()
}

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
