import { readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { RingfenceError } from '../src/core/errors.ts'
import { ROOT } from './source-tree.ts'

function codesInSource(): readonly string[] {
  const file = `${ROOT}/src/core/errors.ts`
  const codes: string[] = []
  new Visitor({
    TSTypeAliasDeclaration({ id, typeAnnotation }) {
      if (id.name !== 'ErrorCode' || typeAnnotation.type !== 'TSUnionType') return
      for (const arm of typeAnnotation.types) {
        if (arm.type === 'TSLiteralType' && arm.literal.type === 'Literal') codes.push(String(arm.literal.value))
      }
    },
  }).visit(parseSync(file, readFileSync(file, 'utf8')).program)
  return codes
}

const byText = (a: string, b: string): number => a.localeCompare(b)

function rowsInDocs(): readonly (readonly string[])[] {
  const lines = readFileSync(`${ROOT}/docs/errors.md`, 'utf8').split('\n')
  const rows = lines.filter((line) => line.startsWith('| `'))
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('docs/errors.md', () => {
  it('has one line for every code, and none for a code that does not exist', () => {
    const codes = codesInSource()
    expect(codes.length).toBeGreaterThan(0)
    const documented = rowsInDocs().map(([code = '']) => code.replaceAll('`', ''))
    expect(documented.toSorted(byText)).toEqual(codes.toSorted(byText))
  })

  it('says of every code when it comes and what to do', () => {
    for (const row of rowsInDocs()) {
      expect(row).toHaveLength(3)
      expect(row.filter((cell) => cell === '')).toEqual([])
    }
  })
})

describe('RingfenceError', () => {
  it('keeps its code and its cause', () => {
    const cause = new Error('the pipe is gone')
    const error = new RingfenceError('RF_CARRIER_FAILED', 'Cannot open sandbox: no carrier answered', { cause })
    expect(error).toMatchObject({ name: 'RingfenceError', code: 'RF_CARRIER_FAILED', cause })
  })
})
