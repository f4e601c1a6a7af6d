import { describe, expect, it } from 'vitest'
import { RingfenceError } from '../../src/core/errors.ts'
import { type FakeBehaviour, returned } from './fake-tier.ts'
import { SOURCE, sceneOf } from './scene.ts'

const failing = (times: number): FakeBehaviour => ({
  opening: (nth) => {
    if (nth <= times) throw new RingfenceError('RF_CARRIER_FAILED', `carrier ${nth} is gone`)
  },
})

describe('a call that never started', () => {
  it('moves to another sandbox once when opening fails', async () => {
    await using scene = sceneOf(failing(1))
    expect((await scene.broker.run(SOURCE, { input: 7 })).outcome).toEqual({ kind: 'returned', value: 7 })
    expect(scene.tier.openings).toBe(2)
  })

  it('crashes when opening fails twice', async () => {
    await using scene = sceneOf(failing(2))
    const { outcome } = await scene.broker.run(SOURCE)
    expect(outcome).toEqual({ kind: 'crashed', detail: 'Cannot open sandbox: carrier 2 is gone' })
    expect(scene.tier.openings).toBe(2)
  })

  it('moves once when its carrier dies before it starts', async () => {
    await using scene = sceneOf({
      script: (_, { nth }) =>
        nth === 1 ? { kind: 'crashed', detail: 'host died', started: false } : returned('second'),
    })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'returned', value: 'second' })
    expect(scene.tier.sandbox(1)).toMatchObject({ calls: 1, kills: 1 })
  })

  it('crashes when that happens twice', async () => {
    await using scene = sceneOf({
      script: (_, { nth }) => ({ kind: 'crashed', detail: `host ${nth} died`, started: false }),
    })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'crashed', detail: 'host 2 died' })
  })

  it('moves no more than once, whatever the two failures are', async () => {
    await using scene = sceneOf({
      ...failing(1),
      script: () => ({ kind: 'crashed', detail: 'host died', started: false }),
    })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'crashed', detail: 'host died' })
    expect(scene.tier.openings).toBe(2)
  })

  it('does not move after a kill', async () => {
    await using scene = sceneOf(failing(1))
    const running = scene.broker.start(SOURCE)
    await running.kill('stop')
    expect((await running.result).outcome).toMatchObject({ kind: 'killed' })
    expect(scene.tier.openings).toBeLessThanOrEqual(1)
  })

  it('gives its turn back each time', async () => {
    await using scene = sceneOf(failing(4), { maxConcurrent: 1 })
    await scene.broker.run(SOURCE)
    await scene.broker.run(SOURCE)
    expect((await scene.broker.run(SOURCE)).outcome.kind).toBe('returned')
    expect(scene.broker.stats()).toMatchObject({ running: 0, queued: 0 })
  })

  it('moves from a warm sandbox as well', async () => {
    await using scene = sceneOf({
      script: (_, { nth }) => (nth === 1 ? { kind: 'crashed', detail: 'host died', started: false } : returned('warm')),
    })
    await using program = await scene.broker.load(SOURCE)
    expect((await program.call()).outcome).toEqual({ kind: 'returned', value: 'warm' })
  })
})

describe('a call that started', () => {
  it('is never run twice', async () => {
    await using scene = sceneOf({ script: () => ({ kind: 'crashed', detail: 'host died', started: true }) })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'crashed', detail: 'host died' })
    expect(scene.tier.openings).toBe(1)
  })
})
