import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, isLimitName, LIMIT_NAMES, limitProblem, lowerLimits } from '../../src/core/limits.ts'

describe('the table of default limits', () => {
  it.each(Object.entries(DEFAULT_LIMITS))('has every limit of %s within its bounds', (_trust, limits) => {
    expect(Object.keys(limits)).toEqual(LIMIT_NAMES)
    for (const name of LIMIT_NAMES) expect(limitProblem(name, limits[name])).toBeUndefined()
  })

  it('never gives a less trusted level more', () => {
    const { trusted, limited, untrusted, hostile } = DEFAULT_LIMITS
    expect(lowerLimits(trusted, limited)).toEqual(limited)
    expect(lowerLimits(limited, untrusted)).toEqual(untrusted)
    expect(lowerLimits(untrusted, hostile)).toEqual(hostile)
  })
})

describe('lowerLimits', () => {
  it('takes what is lower and ignores what is higher', () => {
    const base = DEFAULT_LIMITS.untrusted
    expect(lowerLimits(base, { wallMs: 5, cpuMs: 1e6 })).toEqual({ ...base, wallMs: 5 })
  })

  it('changes nothing when nothing is asked for', () => {
    expect(lowerLimits(DEFAULT_LIMITS.trusted, {})).toEqual(DEFAULT_LIMITS.trusted)
  })
})

it('knows the names of limits and no others', () => {
  expect(LIMIT_NAMES.every(isLimitName)).toBe(true)
  expect(['toString', 'wallms', ''].some(isLimitName)).toBe(false)
})
