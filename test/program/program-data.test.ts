import { describe, expect, it } from 'vitest'
import { recall, remember } from '../../src/program/cache.ts'
import { prepare, prepareData } from '../../src/program/prepare.ts'
import { checkOptions } from '../../src/program/prepare-options.ts'
import { preparedOf } from '../../src/program/program-data.ts'

const OPTIONS = checkOptions('', { modules: { 'b.ts': 'export const b: number = 1\nb.x.y' } })
const SOURCE = `import { b } from './b'\n\nexport default (x: number) => b(x)`

describe('what was prepared elsewhere', () => {
  it.each([[SOURCE], ['let x = ;'], [`import 'fs'`]])('is the same after it travelled as JSON: %j', (source) => {
    const data = prepareData(source, OPTIONS)
    expect(JSON.parse(JSON.stringify(data))).toEqual(data)
  })

  it('finds its places and shows them as what was prepared here', () => {
    const data: unknown = JSON.parse(JSON.stringify(prepareData(SOURCE, OPTIONS)))
    const here = prepare(SOURCE, { modules: Object.fromEntries(OPTIONS.modules) })
    const there = preparedOf(data as ReturnType<typeof prepareData>, SOURCE, OPTIONS)
    if (here.kind !== 'ready' || there.kind !== 'ready') throw new Error('The program is not ready')
    expect(there.program).toMatchObject({ hash: here.program.hash, script: here.program.script, kind: 'module' })
    const lines = here.program.script.split('\n')
    const places = lines.flatMap((line, at) => [1, 10, line.length].map((column) => [at + 1, column] as const))
    const located = places.map(([line, column]) => there.program.locate(line, column))
    expect(located).toEqual(places.map(([line, column]) => here.program.locate(line, column)))
    expect(located.filter((place) => place?.file === 'b.ts')).not.toEqual([])
    expect(there.program.frame({ file: 'b.ts', line: 2, column: 3 })).toContain('> 2 | b.x.y')
  })

  it('is remembered as if it had been prepared here', () => {
    const source = `${SOURCE} // remembered`
    expect(recall(source, OPTIONS, '')).toBeUndefined()
    const prepared = preparedOf(prepareData(source, OPTIONS), source, OPTIONS)
    remember(source, OPTIONS, '', prepared)
    expect(recall(source, OPTIONS, '')).toBe(prepared)
    expect(prepare(source, { modules: Object.fromEntries(OPTIONS.modules) })).toBe(prepared)
    expect(recall(source, { ...OPTIONS, filename: 'other.ts' }, '')).toBeUndefined()
  })
})
