import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEVIATIONS } from './deviations.ts'
import { GUARANTEES } from './guarantees.ts'
import { withTable } from './table.ts'

test('the table in the README is the one the contract suite gives', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(withTable(readme)).toBe(readme)
})

test('every deviation is from a guarantee, has a reason, and is tested', () => {
  const rows = new Set(GUARANTEES.map(({ row }) => row))
  for (const deviations of Object.values(DEVIATIONS)) {
    for (const { row, reason, checks } of deviations) {
      expect(rows).toContain(row)
      expect(reason).not.toBe('')
      expect(checks.length).toBeGreaterThan(0)
    }
  }
})

test('every guarantee is named once and tested', () => {
  expect(new Set(GUARANTEES.map(({ row }) => row)).size).toBe(GUARANTEES.length)
  for (const { checks } of GUARANTEES) expect(checks.length).toBeGreaterThan(0)
})
