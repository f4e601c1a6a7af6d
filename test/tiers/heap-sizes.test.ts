import { describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { SpareIsolates } from '../../src/tiers/spare-isolates.ts'

const MIB = 2 ** 20

/** Takes so many MiB, eight in each turn. */
const HOLDS = `export default async (mb) => {
  const held = []
  for (; held.length < mb; held.push(new Array(2 ** 17).fill(0.5))) {
    if (held.length % 8 === 0) await new Promise((done) => setTimeout(done, 1))
  }
  return held.length
}`

describe('guests with limits of different size, at once in one isolate host', () => {
  it('may each hold what they were promised, whoever came before', async () => {
    await using broker = await createBroker({ maxConcurrent: 16 })
    const limitsMb = [32, 128, 128, 48, 128, 32, 128, 48]
    const receipts = await Promise.all(
      limitsMb.map((mb) =>
        broker.run(HOLDS, { trust: 'trusted', tier: 'isolate', limits: { memoryBytes: mb * MIB }, input: mb * 0.6 }),
      ),
    )
    expect(receipts.map(({ outcome }) => outcome.kind)).toEqual(limitsMb.map(() => 'returned'))
  })

  it('are each ended at their own limit', async () => {
    await using broker = await createBroker({ maxConcurrent: 16 })
    const limitsMb = [128, 32, 32, 48, 32, 128]
    const receipts = await Promise.all(
      limitsMb.map((mb) =>
        broker.run(HOLDS, { trust: 'trusted', tier: 'isolate', limits: { memoryBytes: mb * MIB }, input: mb * 2 }),
      ),
    )
    expect(receipts.map(({ outcome }) => outcome)).toEqual(
      limitsMb.map(() => ({ kind: 'exceeded', limit: 'memoryBytes' })),
    )
    for (const [at, { usage }] of receipts.entries()) {
      expect(usage.peakMemoryBytes).toBeLessThanOrEqual((limitsMb[at] ?? 0) * MIB * 1.25)
    }
  })
})

describe('isolates made ahead', () => {
  it('go only to guests of their own limit', () => {
    const spares = new SpareIsolates(1)
    try {
      const [first, second, third] = [128, 128, 64].map((mb) => spares.take(mb * MIB))
      expect([first, second, third].map((warm) => warm?.memoryBytes)).toEqual([128 * MIB, 128 * MIB, 64 * MIB])
      for (const [warm, mb] of [
        [first, 128],
        [second, 128],
        [third, 64],
      ] as const) {
        const limit = warm?.isolate.getHeapStatisticsSync().heap_size_limit ?? 0
        expect(limit).toBeGreaterThanOrEqual(mb * MIB)
        expect(limit).toBeLessThan((mb + 32) * MIB)
        warm?.isolate.dispose()
      }
    } finally {
      spares.dispose()
    }
  })
})
