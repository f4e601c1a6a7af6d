import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const text = readFileSync(new URL('docs/threat-model.md', root), 'utf8')

test('every test that the threat model relies on exists', () => {
  const paths = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([])
})

test('every promise in its tables names a test', () => {
  const tables = text.split('| promise | attacked by |').slice(1)
  const rows = tables.flatMap((table) => table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [])
  expect(rows.length).toBeGreaterThan(8)
  expect(rows.filter((row) => !/`test\/[^`]+`/.test(row))).toEqual([])
})
