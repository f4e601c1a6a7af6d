import { expect, it } from 'vitest'
import { renderTable } from '../../src/cli/render-table.ts'

it('makes columns as wide as their widest cell, numbers to the right', () => {
  const table = renderTable(
    [{ title: 'program' }, { title: 'ms', align: 'right' }],
    [
      ['a', '1.5'],
      ['a-long-one', '120'],
    ],
  )
  expect(table).toBe(['program      ms', '──────────  ───', 'a           1.5', 'a-long-one  120', ''].join('\n'))
})

it('wraps a cell at words, and cuts a word only when it must', () => {
  const table = renderTable([{ title: 'why', width: 9 }, { title: 'x' }], [['one two three abcdefghijkl', '1']])
  expect(table.split('\n').slice(2)).toEqual(['one two    1', 'three', 'abcdefghi', 'jkl', ''])
})

it('shows an empty table as its titles', () => {
  expect(renderTable([{ title: 'a' }], [])).toBe('a\n─\n')
})
