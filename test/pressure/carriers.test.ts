import { describe, expect, it } from 'vitest'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { Tier } from '../../src/core/sandbox.ts'
import { isolateTier } from '../../src/tiers/isolate/tier.ts'
import { processTier } from '../../src/tiers/process/tier.ts'
import { eventually, isAlive } from '../leaks/held.ts'
import { memoryOf } from './host.ts'

const pidsOf = (tier: Tier): readonly number[] => tier.carriers().flatMap(({ pid }) => pid ?? [])

describe.each([
  ['isolate', () => isolateTier()],
  ['process', () => processTier()],
] as const)('the carriers of tier "%s" that serve nobody', (id, make) => {
  it('end when the host is hard pressed, and stand ready again when it is not', async () => {
    let memory = memoryOf(100)
    const tier = make()
    await using broker = createBrokerOf([tier], {}, undefined, undefined, () => memory)
    await using warm = await broker.load('export default (x) => x', { trust: 'trusted', tier: id })
    expect((await warm.call(1)).outcome).toEqual({ kind: 'returned', value: 1 })
    expect(await eventually(() => tier.carriers().some(({ sandboxes }) => sandboxes === 0), 10_000)).toBe(true)
    const busy = broker.start('export default () => new Promise((resolve) => setTimeout(resolve, 900, "done"))', {
      trust: 'trusted',
      tier: id,
    })
    expect(await eventually(() => broker.stats().running === 1, 10_000)).toBe(true)
    const before = pidsOf(tier)

    memory = memoryOf(900)
    expect(await eventually(() => tier.carriers().every(({ sandboxes }) => sandboxes > 0), 10_000)).toBe(true)
    expect((await busy.result).outcome).toEqual({ kind: 'returned', value: 'done' })
    expect(await eventually(() => !before.some(isAlive), 10_000)).toBe(true)

    memory = memoryOf(100)
    expect(await eventually(() => broker.stats().pressure.level === 'none', 10_000)).toBe(true)
    expect((await warm.call(2)).outcome).toEqual({ kind: 'returned', value: 2 })
    expect(await eventually(() => tier.carriers().some(({ sandboxes }) => sandboxes === 0), 10_000)).toBe(true)
  })
})
