import { describe, expect, it } from 'vitest'
import { admit, describePressure, judge, type PressureLevel, roomBytes } from '../../src/broker/pressure-level.ts'
import { DEFAULT_PRESSURE } from '../../src/broker/pressure-options.ts'
import { TRUST_LEVELS } from '../../src/core/trust.ts'
import { LIMIT, MIB, memoryOf } from './host.ts'

const judged = (mb: number, before: PressureLevel = 'none', lateMs = 0): string => {
  const { level, measure } = judge(memoryOf(mb), lateMs, before, DEFAULT_PRESSURE)
  return `${level} by ${measure}`
}

describe('the pressure', () => {
  it.each([
    [100, 'none'],
    [849, 'none'],
    [850, 'high'],
    [919, 'high'],
    [920, 'critical'],
    [969, 'critical'],
    [970, 'emergency'],
    [1100, 'emergency'],
  ])('at %d MiB of 1000 is %s', (mb, level) => {
    expect(judged(mb)).toBe(`${level} by cgroup`)
  })

  it.each([
    [835, 'high', 'high'],
    [819, 'high', 'none'],
    [900, 'critical', 'critical'],
    [889, 'critical', 'high'],
    [945, 'emergency', 'emergency'],
    [939, 'emergency', 'critical'],
    [819, 'emergency', 'none'],
  ] as const)('at %d MiB after "%s" is %s, so that no level comes and goes', (mb, before, level) => {
    expect(judged(mb, before)).toBe(`${level} by cgroup`)
  })

  it('goes by what stands highest against its own limit', () => {
    const heap = memoryOf(500, { heapUsedBytes: 0.93 * LIMIT })
    expect(judge(heap, 0, 'none', DEFAULT_PRESSURE)).toMatchObject({ level: 'critical', measure: 'heap' })
    const resident = memoryOf(500, { residentBytes: 9 * LIMIT })
    expect(judge(resident, 0, 'none', DEFAULT_PRESSURE)).toMatchObject({ level: 'high', measure: 'resident' })
    const { cgroup: _, ...alone } = memoryOf(999)
    expect(judge(alone, 0, 'none', DEFAULT_PRESSURE)).toMatchObject({ level: 'none', measure: 'heap' })
  })

  it('is high and no more when the event loop is late, and memory goes before it', () => {
    expect(judged(100, 'none', 999)).toBe('none by cgroup')
    expect(judged(100, 'none', 60_000)).toBe('high by eventLoop')
    expect(judged(930, 'none', 60_000)).toBe('critical by cgroup')
  })

  it('is told with measure, value and limit', () => {
    expect(describePressure(judge(memoryOf(930), 0, 'none', DEFAULT_PRESSURE))).toBe(
      'the memory of its cgroup is 930 MiB of 1000 MiB (93 %)',
    )
    expect(describePressure(judge(memoryOf(1), 1500.4, 'none', DEFAULT_PRESSURE))).toBe(
      'its event loop is 1500 ms late, and the limit is 1000 ms',
    )
  })

  it('leaves as much room as there is until it is critical', () => {
    expect(roomBytes(judge(memoryOf(860), 0, 'none', DEFAULT_PRESSURE), DEFAULT_PRESSURE)).toBe(60 * MIB)
    expect(roomBytes(judge(memoryOf(980), 0, 'none', DEFAULT_PRESSURE), DEFAULT_PRESSURE)).toBe(0)
    expect(roomBytes(judge(memoryOf(1), 5000, 'none', DEFAULT_PRESSURE), DEFAULT_PRESSURE)).toBe(0)
  })
})

describe('admission under pressure', () => {
  const ROOM = 60 * MIB
  const row = (level: PressureLevel, mb: number): readonly string[] =>
    TRUST_LEVELS.map((trust) => admit({ trust, memoryBytes: mb * MIB }, level, ROOM))

  it.each([
    ['none', 512, ['admit', 'admit', 'admit', 'admit']],
    ['high', 8, ['admit', 'admit', 'admit', 'admit']],
    ['high', 16, ['admit', 'admit', 'admit', 'wait']],
    ['high', 64, ['admit', 'admit', 'wait', 'wait']],
    ['critical', 8, ['admit', 'refuse', 'refuse', 'refuse']],
    ['emergency', 8, ['admit', 'refuse', 'refuse', 'refuse']],
  ] as const)('at "%s", for %d MiB, keeps out the least trusted and the largest first', (level, mb, verdicts) => {
    expect(row(level, mb)).toEqual(verdicts)
  })
})
