import { describe, expect, it } from 'vitest'
import { endure } from './real.ts'

const SEED = Number(process.env['CHAOS_SEED'] ?? 1)
const SCHEDULES = Number(process.env['CHAOS_REAL'] ?? 96)
/** Schedules that share a broker, as `npm run chaos` has it. */
const TOGETHER = 16

describe('a broker whose children are killed and stopped at any moment', () => {
  const seeds = Array.from({ length: Math.ceil(SCHEDULES / TOGETHER) }, (_, nth) => SEED + nth * TOGETHER)

  it.each(seeds)(
    'ends each call once, leaves nothing running, and heals, from the seed %i on',
    async (seed) => {
      const { faults, endings } = await endure(seed, TOGETHER)
      const replay = `npm run chaos -- --schedules ${TOGETHER} --seed ${seed}`
      expect(faults.map((fault) => `${replay}: ${fault}`)).toEqual([])
      expect(endings.length).toBeGreaterThan(0)
    },
    180_000,
  )
})
