import { expect, test } from 'vitest'
import { createBroker } from '../../src/index.ts'

const SOMETIMES_SLOW = `
import { note } from 'host'
let calls = 0
export default async ({ spinMs, fetch }) => {
  calls += 1
  const until = Date.now() + spinMs
  while (Date.now() < until);
  if (fetch) await note(calls)
  return calls
}`

test('a program that was quick and turns slow still returns, once, from another sandbox', async () => {
  await using broker = await createBroker()
  const noted: number[] = []
  const functions = { note: async (calls: number) => void noted.push(calls) }
  await using program = await broker.load(SOMETIMES_SLOW, { functions, pool: { min: 1, max: 1 } })
  for (let i = 1; i <= 12; i += 1) {
    const { outcome } = await program.call({ spinMs: 0, fetch: false })
    expect(outcome).toEqual({ kind: 'returned', value: i })
  }
  const slow = await program.call({ spinMs: 100, fetch: true })
  // 1 where its first turn was cut and made again in a new sandbox; 13 where the machine was too busy to call it quick.
  expect([1, 13].map((value) => ({ kind: 'returned', value }))).toContainEqual(slow.outcome)
  expect(noted).toHaveLength(1)
})

test('a program that was quick and never ends reaches its limit', async () => {
  await using broker = await createBroker()
  const functions = { note: () => undefined }
  await using program = await broker.load(SOMETIMES_SLOW, {
    functions,
    limits: { wallMs: 150 },
    pool: { min: 1, max: 1 },
  })
  for (let i = 0; i < 12; i += 1) await program.call({ spinMs: 0 })
  const stuck = await program.call({ spinMs: 60_000 })
  expect(stuck.outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
  const next = await program.call({ spinMs: 0 })
  expect(next.outcome.kind).toBe('returned')
})

test('a neighbour in the same isolate host keeps its deadline while a quick program turns slow', async () => {
  await using broker = await createBroker()
  const functions = { note: () => undefined }
  await using quick = await broker.load(SOMETIMES_SLOW, { functions, pool: { min: 1, max: 1 } })
  for (let i = 0; i < 12; i += 1) await quick.call({ spinMs: 0 })
  const ticking = 'export default () => new Promise((resolve) => setTimeout(() => resolve("in time"), 50))'
  const neighbours = Array.from({ length: 4 }, () => broker.run(ticking, { limits: { wallMs: 400 } }))
  const slow = quick.call({ spinMs: 300 })
  const receipts = await Promise.all(neighbours)
  expect(receipts.map(({ outcome }) => outcome)).toEqual(neighbours.map(() => ({ kind: 'returned', value: 'in time' })))
  expect((await slow).outcome.kind).toBe('returned')
})
