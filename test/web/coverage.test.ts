import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { WEB_NAMES } from '../../src/web/names.ts'
import { ROOT } from '../source-tree.ts'
import { KERNEL_NAMES } from './kernel-names.ts'

const text = readFileSync(`${ROOT}/docs/web-apis.md`, 'utf8')

/** The rows of the table below a heading, as cells. */
const tableBelow = (heading: string): readonly (readonly string[])[] => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
}

describe('docs/web-apis.md', () => {
  it('has every name that guests have, once', () => {
    const names = tableBelow('Names').flatMap(([cell = '']) => cell.split(', ').map((name) => name.replaceAll('`', '')))
    expect(names.toSorted()).toEqual([...WEB_NAMES.keys(), ...KERNEL_NAMES].toSorted())
  })

  it('has the rate of every folder of tests, in every tier', () => {
    const rates = tableBelow('web-platform-tests')
    expect(rates.length).toBeGreaterThan(5)
    for (const [folder, ...cells] of rates) {
      expect(cells.slice(0, 4), folder).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^\d+ of \d+$/)))
    }
  })
})
