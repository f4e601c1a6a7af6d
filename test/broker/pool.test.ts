import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { PoolOptions } from '../../src/broker/options.ts'
import { Pool } from '../../src/broker/pool.ts'
import { DEFAULT_LIMITS } from '../../src/core/limits.ts'
import { type FakeBehaviour, FakeTier } from './fake-tier.ts'
import { gate, isSettled, until } from './gate.ts'
import { recordingLogger } from './recording-logger.ts'

const never = new AbortController().signal

interface Scene {
  readonly pool: Pool
  readonly tier: FakeTier
  readonly state: { keepsWarm: boolean }
}

const NONE = { level: 'none', layers: [] } as const

function poolOf(options: Partial<PoolOptions> = {}, behaviour: FakeBehaviour = {}): Scene {
  const tier = new FakeTier(behaviour)
  const logger = recordingLogger()
  const state = { keepsWarm: true }
  const pool = new Pool({
    options: { min: 0, max: 2, idleMs: 1000, recycleCalls: 100, recycleGrowthBytes: 1000, ...options },
    logger,
    keepsWarm: () => state.keepsWarm,
    open: async (signal) => {
      const guest = {
        program: { hash: 'h', script: '' },
        limits: DEFAULT_LIMITS.untrusted,
        functions: new Map(),
        workload: 'light',
        trust: 'untrusted',
        tenant: 'default',
      } as const
      return { sandbox: await tier.open(guest, signal), box: { caller: undefined }, openMs: 1, isolation: NONE }
    },
  })
  return { pool, tier, state }
}

const sizes = { idle: 0, busy: 0, opening: 0, waiting: 0 }

describe('a pool', () => {
  it('opens one sandbox for one caller and gives it to the next', async () => {
    const { pool, tier } = poolOf()
    expect(pool.tryClaim()).toBeUndefined()
    const first = await pool.claim(never)
    pool.giveBack(first, true)
    expect(pool.tryClaim()).toBe(first)
    expect(tier.openings).toBe(1)
  })

  it('opens no more than "max", and serves those who wait in the order they came', async () => {
    const { pool, tier } = poolOf({ max: 1 })
    const first = await pool.claim(never)
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (nth) => {
      const warm = await pool.claim(never)
      order.push(nth)
      pool.giveBack(warm, true)
    })
    expect(pool.sizes).toEqual({ ...sizes, busy: 1, waiting: 3 })
    pool.giveBack(first, true)
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3])
    expect(tier.openings).toBe(1)
  })

  it('keeps "min" open from the start and after a loss', async () => {
    const { pool, tier } = poolOf({ min: 2 })
    await pool.fill()
    expect(pool.sizes).toEqual({ ...sizes, idle: 2 })
    const lost = pool.tryClaim()
    if (lost !== undefined) pool.giveBack(lost, false)
    await until(() => pool.sizes.idle === 2)
    expect(tier.openings).toBe(3)
  })

  it('keeps nothing warm while it should not', async () => {
    const { pool, tier, state } = poolOf({ min: 1 })
    state.keepsWarm = false
    await pool.fill()
    pool.giveBack(await pool.claim(never), false)
    await until(() => tier.sandbox(1).disposals === 1)
    expect(tier.openings).toBe(1)
  })

  it('gives up what stands idle for too long, but not below "min"', async () => {
    const { pool, tier } = poolOf({ min: 1, max: 3, idleMs: 20 })
    const warm = await Promise.all([pool.claim(never), pool.claim(never), pool.claim(never)])
    for (const one of warm) pool.giveBack(one, true)
    expect(pool.sizes).toEqual({ ...sizes, idle: 3 })
    await until(() => pool.sizes.idle === 1)
    expect(tier.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1, 0])
  })

  it('does not give up what was used again meanwhile', async () => {
    const { pool, tier } = poolOf({ idleMs: 20 })
    const warm = await pool.claim(never)
    const end = performance.now() + 60
    while (performance.now() < end) {
      pool.giveBack(warm, true)
      expect(pool.tryClaim()).toBe(warm)
      await setTimeout(5)
    }
    expect(tier.sandbox(1).disposals).toBe(0)
  })

  it('replaces a sandbox after so many calls', async () => {
    const { pool, tier } = poolOf({ max: 1, recycleCalls: 2 })
    for (let call = 1; call <= 4; call += 1) {
      const warm = await pool.claim(never)
      warm.countCall()
      pool.giveBack(warm, true)
    }
    expect(tier.openings).toBe(2)
    expect(tier.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1])
  })

  it('replaces a sandbox whose memory has grown', async () => {
    const { pool, tier } = poolOf({ max: 1, recycleGrowthBytes: 1000 })
    for (const memoryBytes of [5000, 6000, 6001]) {
      const warm = await pool.claim(never)
      tier.sandbox(1).measured = { memoryBytes }
      warm.countCall()
      expect(tier.sandbox(1).disposals).toBe(0)
      pool.giveBack(warm, true)
    }
    expect(tier.sandbox(1).disposals).toBe(1)
    expect(pool.sizes).toEqual(sizes)
  })

  it('never gives out again what ended badly or can no longer be called', async () => {
    const { pool, tier } = poolOf({ max: 1 })
    pool.giveBack(await pool.claim(never), false)
    const second = await pool.claim(never)
    tier.sandbox(2).reusable = false
    pool.giveBack(second, true)
    const third = await pool.claim(never)
    pool.giveBack(third, true)
    tier.sandbox(3).reusable = false
    expect(pool.tryClaim()).toBeUndefined()
    expect(tier.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1, 1])
  })

  it('gives the place of a lost sandbox to who waits', async () => {
    const { pool, tier } = poolOf({ max: 1 })
    const first = await pool.claim(never)
    const waiting = pool.claim(never)
    pool.giveBack(first, false)
    await waiting
    expect(tier.openings).toBe(2)
  })

  it('tells one waiting call of one failure and opens again for the next', async () => {
    const { pool } = poolOf(
      { max: 1 },
      {
        opening: (nth) => {
          if (nth === 1) throw new Error('no carrier')
        },
      },
    )
    const first = pool.claim(never)
    const second = pool.claim(never)
    await expect(first).rejects.toThrow('no carrier')
    await second
  })

  it('rejects filling when a sandbox cannot be opened', async () => {
    const { pool } = poolOf(
      { min: 1 },
      {
        opening: () => {
          throw new Error('no carrier')
        },
      },
    )
    await expect(pool.fill()).rejects.toThrow('no carrier')
    expect(pool.sizes).toEqual(sizes)
  })

  it('keeps a sandbox whose caller stopped waiting for it', async () => {
    const held = gate()
    const { pool, tier } = poolOf({}, { opening: () => held.opened })
    const abort = new AbortController()
    const waiting = pool.claim(abort.signal)
    abort.abort()
    await expect(waiting).rejects.toThrow('aborted')
    held.open()
    await until(() => pool.sizes.idle === 1)
    expect(tier.sandbox(1).disposals).toBe(0)
  })

  it('disposes of everything: what is idle, what is opening and what comes back', async () => {
    const held = gate()
    const { pool, tier } = poolOf({ max: 3 }, { opening: (nth) => (nth === 3 ? held.opened : undefined) })
    const idle = await pool.claim(never)
    const busy = await pool.claim(never)
    pool.giveBack(idle, true)
    pool.tryClaim()
    const waiting = pool.claim(never)
    pool.giveBack(idle, true)
    await waiting
    const disposal = pool[Symbol.asyncDispose]()
    expect(await isSettled(disposal)).toBe(false)
    held.open()
    await disposal
    pool.giveBack(busy, true)
    pool.giveBack(idle, true)
    await until(() => tier.sandboxes.every(({ disposals }) => disposals === 1))
    await expect(pool.claim(never)).rejects.toThrow('aborted')
  })

  it('turns away who waits when it is disposed of', async () => {
    const { pool } = poolOf({ max: 1 })
    await pool.claim(never)
    const waiting = pool.claim(never)
    await pool[Symbol.asyncDispose]()
    await expect(waiting).rejects.toThrow('disposed of')
  })
})
