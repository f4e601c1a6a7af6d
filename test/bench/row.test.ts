import { describe, expect, it } from 'vitest'
import { formatFigure, formatTarget } from '../../bench/format-figure.ts'
import { ratioAtLeast, ratioAtMost, rowsOf } from '../../bench/row.ts'

const HEAD = { measurement: 'warm-call', title: 'warm call', tier: 'vm', unit: 'ms' } as const

describe('rowsOf', () => {
  it('makes a row for each raw mechanism, each with a ratio of its own', () => {
    const rows = rowsOf({
      ...HEAD,
      ours: [[3], [3]],
      targets: [{ of: 'p99', bound: 'atMost', value: 2 }],
      raws: [
        { mechanism: 'a', rounds: [[2], [2]], targets: [ratioAtMost(1.5)] },
        { mechanism: 'b', rounds: [[6], [6]], targets: [ratioAtLeast(0.6)] },
      ],
    })
    expect(rows.map(({ raw }) => raw?.ratio)).toEqual([1.5, 0.5])
    expect(rows.map(({ targets }) => targets.map(({ met }) => met))).toEqual([[true, false], [false]])
  })

  it('makes one row without a ratio where there is nothing to compare with', () => {
    const targets = [{ of: 'median', bound: 'atMost', value: 3 }] as const
    const [row, ...others] = rowsOf({ ...HEAD, ours: [[3]], targets, raws: [] })
    expect(others).toEqual([])
    expect(row).not.toHaveProperty('raw')
    expect(row?.targets).toEqual([{ ...targets[0], met: true }])
  })

  it('takes no ratio of figures that may be around zero', () => {
    const [row] = rowsOf({ ...HEAD, ours: [[3]], raws: [{ mechanism: 'a', rounds: [[0]], comparable: false }] })
    expect(row?.raw).not.toHaveProperty('ratio')
  })

  it('refuses a target for a ratio where there is none', () => {
    const raws = [{ mechanism: 'a', rounds: [[0]], comparable: false, targets: [ratioAtMost(1)] }]
    expect(() => rowsOf({ ...HEAD, ours: [[3]], raws })).toThrow('Cannot judge a target')
  })
})

describe('figures for people', () => {
  it.each([
    [0.0123, 'ms', '12.3 µs'],
    [-0.0148, 'ms', '-14.8 µs'],
    [12.3, 'ms', '12.3 ms'],
    [123_456, 'perSecond', '123 k/s'],
    [2048, 'bytes', '2.0 KiB'],
  ] as const)('write %d %s as %s', (value, unit, text) => {
    expect(formatFigure(value, unit)).toBe(text)
  })

  it('write a target with its sign', () => {
    expect(formatTarget({ ...ratioAtMost(1.3), met: true }, 'ms')).toBe('≤ 1.30 ×')
    expect(formatTarget({ of: 'p99', bound: 'atMost', value: 10, met: true }, 'ms')).toBe('p99 ≤ 10.0 ms')
    expect(formatTarget({ of: 'median', bound: 'atLeast', value: 100_000, met: true }, 'perSecond')).toBe('≥ 100 k/s')
  })
})
