import { expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { eventually } from '../leaks/held.ts'

it('the threads that the worker tier keeps for guests to come are told among its carriers', async () => {
  const broker = await createBroker()
  const kept = () => broker.stats().tiers.find(({ tier }) => tier === 'worker')?.carriers ?? []
  const runs = await Promise.all(Array.from({ length: 4 }, () => broker.run('1', { trust: 'trusted', tier: 'worker' })))
  expect(runs.map(({ outcome }) => outcome.kind)).toEqual(Array(4).fill('returned'))
  expect(await eventually(() => kept().every(({ sandboxes }) => sandboxes === 0), 10_000)).toBe(true)
  const threads = kept().map(({ threadId }) => threadId)
  expect(threads.length).toBeGreaterThanOrEqual(2)
  expect(new Set(threads).size).toBe(threads.length)
  await broker.close()
  expect(kept()).toEqual([])
})
