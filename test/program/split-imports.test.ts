import { expect, test } from 'vitest'
import { createBroker } from '../../src/index.ts'

test('a default and a namespace import in one declaration are both bound, and places still map', async () => {
  await using broker = await createBroker()
  const modules = { stats: 'export const total = (xs) => xs.length; export default 7' }
  const source = `import seven, * as stats from 'stats'

export default (xs) => {
  if (xs.length === 0) throw new RangeError('none')
  return [stats.total(xs), seven]
}`
  const { outcome } = await broker.run(source, { trust: 'trusted', input: [1, 2], modules })
  expect(outcome).toEqual({ kind: 'returned', value: [2, 7] })
  const empty = await broker.run(source, { trust: 'trusted', input: [], modules })
  expect(empty.outcome).toMatchObject({ kind: 'threw', error: { location: { line: 4, column: 30 } } })
})
