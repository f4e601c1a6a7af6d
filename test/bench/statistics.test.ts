import { array, assert, double, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, percentile, ratioOf, summarize } from '../../bench/statistics.ts'

const samples = array(double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })

describe('percentile', () => {
  it('takes the nearest rank, which is always one of the samples', () => {
    const hundred = Array.from({ length: 100 }, (_none, n) => n + 1)
    expect(percentile(hundred, 0.5)).toBe(50)
    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile(hundred, 1)).toBe(100)
    expect(percentile([7], 0.01)).toBe(7)
  })

  it('sorts by value, not by text, and leaves the samples as they were', () => {
    const unsorted = [10, 9, 100]
    expect(percentile(unsorted, 0.5)).toBe(10)
    expect(unsorted).toEqual([10, 9, 100])
  })

  it('is one of the samples, and grows with the share', () => {
    const share = double({ min: 0.001, max: 1, noNaN: true })
    assert(
      property(samples, share, share, (values, a, b) => {
        const [low, high] = [percentile(values, Math.min(a, b)), percentile(values, Math.max(a, b))]
        expect(low).toBeLessThanOrEqual(high)
        expect(values.some((value) => value === low)).toBe(true)
      }),
    )
  })

  it('refuses a share outside 0 to 1, and no samples at all', () => {
    expect(() => percentile([1], 0)).toThrow(RangeError)
    expect(() => percentile([1], 1.01)).toThrow(RangeError)
    expect(() => percentile([1], Number.NaN)).toThrow(RangeError)
    expect(() => percentile([], 0.5)).toThrow('Cannot take a percentile: there are no samples')
  })
})

describe('median', () => {
  it('is the middle sample, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('refuses no samples at all', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('summarize', () => {
  it('takes the median of the rounds, so that a disturbed round does not count', () => {
    const quiet = [1, 1, 1]
    const disturbed = Array.from({ length: 30 }, () => 100)
    expect(summarize([quiet, disturbed, quiet])).toEqual({ median: 1, p50: 100, p99: 100, rounds: 3, samples: 36 })
  })
})

describe('ratioOf', () => {
  it('compares round by round, so that what slows both sides of a round cancels out', () => {
    const ours = [[2], [20], [200]]
    const theirs = [[1], [10], [100]]
    expect(ratioOf(ours, theirs)).toBe(2)
  })

  it('refuses sides with different numbers of rounds', () => {
    expect(() => ratioOf([[1]], [[1], [1]])).toThrow(RangeError)
  })
})
