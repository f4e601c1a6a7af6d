import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { replaceSection } from '../../bench/docs-section.ts'
import { ROOT } from '../source-tree.ts'

describe('replaceSection', () => {
  it('puts text between the markers and leaves the rest as it was', () => {
    const page = 'before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n'
    const replaced = 'before\n<!-- bench:start -->\n\nnew\n\n<!-- bench:end -->\nafter\n'
    expect(replaceSection(page, 'new')).toBe(replaced)
    expect(replaceSection(replaced, 'new')).toBe(replaced)
  })

  it.each([
    'nothing',
    '<!-- bench:start -->',
    '<!-- bench:end --> <!-- bench:start -->',
    '<!-- bench:start --> <!-- bench:start --> <!-- bench:end -->',
  ])('refuses a page without its markers: %s', (page) => {
    expect(() => replaceSection(page, 'new')).toThrow('Cannot write the table')
  })

  it('finds the markers in the page there is', () => {
    const page = readFileSync(`${ROOT}/docs/benchmarks.md`, 'utf8')
    expect(replaceSection(page, 'a table')).toContain('a table')
  })
})
