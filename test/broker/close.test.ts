import { describe, expect, it } from 'vitest'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import { FakeTier, hang } from './fake-tier.ts'
import { gate, isSettled, until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

describe('closing a broker', () => {
  it('ends what runs and what waits', async () => {
    const { broker, tier } = sceneOf({ script: hang }, { maxConcurrent: 1 })
    const executions = [1, 2, 3].map(() => broker.start(SOURCE))
    await until(() => broker.stats().running === 1)
    await broker.close()
    for (const { result } of executions) {
      expect((await result).outcome).toEqual({ kind: 'killed', by: 'close', reason: 'The broker was closed' })
    }
    expect(tier).toMatchObject({ openings: 1, disposals: 1 })
  })

  it('waits for sandboxes that are still being disposed of, and disposes of the tiers after them', async () => {
    const held = gate()
    const { broker, tier } = sceneOf({ disposing: () => held.opened })
    await broker.run(SOURCE)
    const closed = broker.close()
    expect(await isSettled(closed)).toBe(false)
    expect(tier.disposals).toBe(0)
    held.open()
    await closed
    expect(tier.disposals).toBe(1)
  })

  it('waits for a sandbox that is still being opened', async () => {
    const held = gate()
    const { broker, tier } = sceneOf({ opening: () => held.opened })
    const running = broker.start(SOURCE)
    await until(() => tier.openings === 1)
    const closed = broker.close()
    expect(await isSettled(closed)).toBe(false)
    held.open()
    await closed
    expect((await running.result).outcome).toMatchObject({ kind: 'killed', by: 'close' })
    expect(tier.sandbox(1)).toMatchObject({ calls: 0, disposals: 1 })
  })

  it('closes loaded programs, and those being loaded', async () => {
    const held = gate()
    const { broker, tier } = sceneOf({ opening: (nth) => (nth === 2 ? held.opened : undefined) })
    const program = await broker.load(SOURCE)
    const loading = broker.load(SOURCE)
    const closed = broker.close()
    held.open()
    await closed
    await expect(loading).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
    await expect(program.call()).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
    expect(tier.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1])
  })

  it('happens once, however often it is asked for', async () => {
    const { broker, tier } = sceneOf()
    await Promise.all([broker.close(), broker.close(), broker[Symbol.asyncDispose]()])
    await broker.close()
    expect(tier.disposals).toBe(1)
  })

  it('leaves nothing that can be started', async () => {
    const { broker } = sceneOf()
    await broker.close()
    const closed = { name: 'RingfenceError', code: 'RF_BROKER_CLOSED' }
    await expect(broker.run(SOURCE)).rejects.toMatchObject(closed)
    await expect(broker.load(SOURCE)).rejects.toMatchObject(closed)
    expect(() => broker.start(SOURCE)).toThrow(expect.objectContaining(closed))
    expect(() => broker.explain(SOURCE)).toThrow(expect.objectContaining(closed))
    expect(await broker.kill({ all: true }, 'stop')).toBe(0)
  })

  it('disposes of every tier, and says when one cannot be', async () => {
    const broken = new FakeTier({ id: 'vm' })
    broken[Symbol.asyncDispose] = () => Promise.reject(new Error('stuck'))
    const sound = new FakeTier()
    const broker = createBrokerOf([sound, broken])
    await expect(broker.close()).rejects.toThrow('stuck')
    expect(sound.disposals).toBe(1)
  })
})
