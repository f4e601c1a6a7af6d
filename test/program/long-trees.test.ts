import { expect, it } from 'vitest'
import { prepareData } from '../../src/program/prepare.ts'

const OPTIONS = { filename: 'program.ts', modules: [], hostModules: [], kind: undefined }

it('a text whose syntax tree is longer than a string may be is no program, and nothing is thrown', () => {
  const prepared = prepareData(';'.repeat(11_000_000), OPTIONS)
  expect(prepared).toMatchObject({ kind: 'invalid', error: { name: 'SyntaxError' } })
  expect(JSON.stringify(prepared)).toContain('more syntax in it than the parser can hand on')
})
