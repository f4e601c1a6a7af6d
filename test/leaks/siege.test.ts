import { expect, test } from 'vitest'
import { siege } from './siege.ts'

const RUNS = 250

test(`${RUNS} hostile runs in random order leave the broker serving and nothing behind`, {
  timeout: 300_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const { endings, faults } = await siege({ runs: RUNS, seed })
  expect(faults, `with the seed ${seed}`).toEqual([])
  expect(Object.values(endings).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(RUNS)
  expect(Object.keys(endings).filter((ending) => ending.endsWith('exceeded'))).toHaveLength(4)
})
