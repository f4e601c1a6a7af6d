import { describe, expect, it } from 'vitest'
import { endure } from './real.ts'

const SEED = Number(process.env['CHAOS_SEED'] ?? 1)
const SCHEDULES = Number(process.env['CHAOS_REAL'] ?? 80)
const PER_TEST = 4

describe('a broker whose children are killed and stopped at any moment', () => {
  const seeds = Array.from({ length: Math.ceil(SCHEDULES / PER_TEST) }, (_, nth) => SEED + nth * PER_TEST)

  it.each(seeds)(
    'ends each call once, leaves nothing running, and heals, from the seed %i on',
    async (first) => {
      const faults: string[] = []
      let calls = 0
      for (let seed = first; seed < first + PER_TEST; seed += 1) {
        const report = await endure(seed)
        calls += report.endings.length
        faults.push(...report.faults.map((fault) => `npm run chaos -- --schedules 1 --seed ${seed}: ${fault}`))
      }
      expect(faults).toEqual([])
      expect(calls).toBeGreaterThan(0)
    },
    180_000,
  )
})
