import { describe, expect, it } from 'vitest'
import { FrameReader } from '../../src/tiers/frames.ts'
import { simulate } from './simulated.ts'

const SEED = Number(process.env['CHAOS_SEED'] ?? 1)
const SCHEDULES = Number(process.env['CHAOS_SIMULATED'] ?? 3000)
const GROUPS = 10

describe('a far side that says anything, before a caller who does anything', () => {
  const perGroup = Math.ceil(SCHEDULES / GROUPS)
  const seeds = Array.from({ length: GROUPS }, (_, group) => SEED + group * perGroup)

  it.each(seeds)(`loses and doubles no ending, and hurts nobody, from the seed %i on`, async (first) => {
    const faults: string[] = []
    let calls = 0
    for (let seed = first; seed < first + perGroup; seed += 1) {
      const report = await simulate(seed)
      calls += report.endings.length
      faults.push(
        ...report.faults.map((fault) => `npm run chaos -- --tier simulated --schedules 1 --seed ${seed}: ${fault}`),
      )
    }
    expect(faults).toEqual([])
    expect(calls).toBeGreaterThan(perGroup)
  })

  it('runs the same schedule again for the same seed', async () => {
    for (let seed = SEED; seed < SEED + 20; seed += 1) expect(await simulate(seed)).toEqual(await simulate(seed))
  })
})

describe('a reader of frames, fed at random', () => {
  it('holds no more than one frame of the size allowed, whatever length is claimed', () => {
    for (const length of [0, 3, 65, 1000, 2 ** 31, 2 ** 32 - 1]) {
      const reader = new FrameReader(64)
      const claim = Buffer.alloc(4)
      claim.writeUInt32LE(length)
      expect(() => reader.push(claim, () => {}), `a claim of ${length} bytes`).toThrow(/outside 4 to 64/)
    }
  })
})
