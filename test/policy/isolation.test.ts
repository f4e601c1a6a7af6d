import { describe, expect, it } from 'vitest'
import { ISOLATION_LEVELS, isIsolatedAtLeast } from '../../src/core/isolation.ts'
import { TRUST_LEVELS } from '../../src/core/trust.ts'
import { decide } from '../../src/policy/decide.ts'
import { DEFAULT_POLICY } from '../../src/policy/default-policy.ts'
import { definePolicy } from '../../src/policy/define-policy.ts'
import { ALL_TIERS, facts } from './scene.ts'

const reasons = (decision: ReturnType<typeof decide>): readonly string[] =>
  decision.because.filter(({ rule }) => rule === 'isolation').map(({ message }) => message)

describe('the isolation that policy demands', () => {
  it.each([
    ['trusted', 'none'],
    ['limited', 'none'],
    ['untrusted', 'none'],
    ['hostile', 'good'],
  ] as const)('of the operating system for %s code is %s', (trust, isolation) => {
    expect(decide(facts({ trust }), DEFAULT_POLICY, ALL_TIERS)).toMatchObject({ verdict: 'route', isolation })
  })

  it('is said where there is any', () => {
    expect(reasons(decide(facts({ trust: 'hostile' }), DEFAULT_POLICY, ALL_TIERS))).toEqual([
      'The operating system must add isolation "good" or better',
    ])
    expect(reasons(decide(facts({ trust: 'trusted' }), DEFAULT_POLICY, ALL_TIERS))).toEqual([])
  })

  it.each(TRUST_LEVELS)('can be raised for %s code', (trust) => {
    const policy = definePolicy({ levels: { [trust]: { isolation: 'strong' } } })
    expect(decide(facts({ trust }), policy, ALL_TIERS)).toMatchObject({ isolation: 'strong' })
  })

  it('can be lowered by name only, which the decision then says', () => {
    const policy = definePolicy({ levels: { hostile: { isolation: 'basic' } } })
    const decision = decide(facts({ trust: 'hostile' }), policy, ALL_TIERS)
    expect(decision).toMatchObject({ isolation: 'basic' })
    expect(reasons(decision)).toEqual(['The operator accepts isolation "basic" for hostile code instead of "good"'])
  })

  it('is a word of the four', () => {
    expect(() => definePolicy({ levels: { hostile: { isolation: 'weak' } } })).toThrow(/"levels\.hostile\.isolation"/)
  })

  it('goes up from none to strong', () => {
    const pairs = ISOLATION_LEVELS.flatMap((a, i) => ISOLATION_LEVELS.map((b, j) => [a, b, i >= j] as const))
    for (const [a, b, enough] of pairs) expect(isIsolatedAtLeast(a, b), `${a} for ${b}`).toBe(enough)
  })
})
