import { describe, expect, it } from 'vitest'
import type { Limits, PolicyDecision, TierId, TrustLevel, Workload } from '../../src/core/types.ts'
import { decide } from '../../src/policy/decide.ts'
import { DEFAULT_POLICY } from '../../src/policy/default-policy.ts'
import { definePolicy } from '../../src/policy/define-policy.ts'
import type { Facts } from '../../src/policy/facts.ts'
import { ALL_TIERS, facts, tiersNamed, traitsOf } from './scene.ts'

const decideDefault = (given: Partial<Facts>): PolicyDecision => decide(facts(given), DEFAULT_POLICY, ALL_TIERS)
const tierOf = (decision: PolicyDecision): TierId | 'refuse' =>
  decision.verdict === 'route' ? decision.tier : 'refuse'
const lastReason = (decision: PolicyDecision): string => {
  const { rule, message } = decision.because.at(-1) ?? { rule: 'none', message: '' }
  return `${rule}: ${message}`
}

describe('the routing table', () => {
  const rows: readonly (readonly [TrustLevel, Workload, TierId])[] = [
    ['trusted', 'light', 'vm'],
    ['trusted', 'cpu', 'worker'],
    ['limited', 'light', 'vm'],
    ['limited', 'cpu', 'worker'],
    ['untrusted', 'light', 'isolate'],
    ['untrusted', 'cpu', 'isolate'],
    ['hostile', 'light', 'process'],
    ['hostile', 'cpu', 'process'],
  ]
  it.each(rows)('sends %s %s work to %s, with the limits of the level', (trust, workload, tier) => {
    const decision = decideDefault({ trust, workload })
    expect(decision).toMatchObject({ trust, verdict: 'route', tier, workload, capabilities: [] })
    expect(decision).toHaveProperty('limits', DEFAULT_POLICY.levels[trust].limits)
    const rules = trust === 'hostile' ? ['trust', 'workload', 'isolation'] : ['trust', 'workload']
    expect(decision.because.map(({ rule }) => rule)).toEqual(rules)
  })

  it('says why in sentences', () => {
    expect(decideDefault({ workload: 'cpu' }).because).toEqual([
      { rule: 'trust', message: 'Untrusted code needs a wall of "isolate" or stronger' },
      { rule: 'workload', message: 'CPU-heavy untrusted code goes to tier "isolate"' },
    ])
  })
})

describe('a requested tier', () => {
  const rows: readonly (readonly [TrustLevel, Workload, TierId, TierId | 'refuse'])[] = [
    ['trusted', 'light', 'vm', 'vm'],
    ['trusted', 'light', 'worker', 'worker'],
    ['trusted', 'light', 'process', 'process'],
    ['trusted', 'cpu', 'vm', 'refuse'],
    ['limited', 'light', 'isolate', 'isolate'],
    ['untrusted', 'light', 'vm', 'refuse'],
    ['untrusted', 'cpu', 'worker', 'refuse'],
    ['untrusted', 'light', 'isolate', 'isolate'],
    ['untrusted', 'light', 'process', 'process'],
    ['hostile', 'light', 'vm', 'refuse'],
    ['hostile', 'light', 'isolate', 'refuse'],
    ['hostile', 'cpu', 'process', 'process'],
  ]
  it.each(rows)('of %s %s work for %s ends in %s', (trust, workload, tier, expected) => {
    expect(tierOf(decideDefault({ trust, workload, tier }))).toBe(expected)
  })

  it('that is weaker is refused with both tiers named', () => {
    expect(lastReason(decideDefault({ tier: 'vm' }))).toBe(
      'tier: The caller asked for tier "vm", which is weaker than "isolate", where this untrusted code belongs',
    )
  })

  it('that is weaker than what the operator routes to is refused even above the built-in floor', () => {
    const policy = definePolicy({ levels: { untrusted: { light: 'process' } } })
    expect(tierOf(decide(facts({ tier: 'isolate' }), policy, ALL_TIERS))).toBe('refuse')
  })

  it('adds no reason when it is where the code goes anyway', () => {
    expect(decideDefault({ tier: 'isolate' }).because.map(({ rule }) => rule)).toEqual(['trust', 'workload'])
  })
})

describe('requested limits', () => {
  it('are honoured when lower, and the others stay', () => {
    const decision = decideDefault({ limits: { wallMs: 50, hostCalls: 3 } })
    expect(decision).toHaveProperty('limits', { ...DEFAULT_POLICY.levels.untrusted.limits, wallMs: 50, hostCalls: 3 })
    expect(decision.because).toContainEqual({
      rule: 'limits',
      message: 'The caller lowered "wallMs" from 1000 to 50, "hostCalls" from 1000 to 3',
    })
  })

  it('that equal the level are honoured without a word', () => {
    const decision = decideDefault({ limits: { wallMs: 1000 } })
    expect(decision.because.map(({ rule }) => rule)).not.toContain('limits')
  })

  it.each([
    [{ wallMs: 1001 }, 'limits: Limit "wallMs" is at most 1000 for untrusted code, and the caller asked for 1001'],
    [{ memoryBytes: 1024 }, 'limits: Limit "memoryBytes" must be at least 8388608, received 1024'],
    [{ cpuMs: Number.NaN }, 'limits: Limit "cpuMs" must be a whole number, received NaN'],
    [{ hostCalls: -1 }, 'limits: Limit "hostCalls" must be at least 1, received -1'],
    [{ speed: 3 }, 'limits: There is no limit "speed"'],
    [{ toString: 3 }, 'limits: There is no limit "toString"'],
  ])('%j are refused', (limits, reason) => {
    const decision = decideDefault({ limits: limits as Partial<Limits> })
    expect(decision.verdict).toBe('refuse')
    expect(lastReason(decision)).toBe(reason)
  })

  it('may go as high as the operator allows', () => {
    const policy = definePolicy({ levels: { untrusted: { limits: { wallMs: 20_000 } } } })
    const decision = decide(facts({ limits: { wallMs: 5000 } }), policy, ALL_TIERS)
    expect(decision).toHaveProperty('limits.wallMs', 5000)
  })
})

describe('sizes', () => {
  it('of source and input at the ceiling pass', () => {
    const { sourceBytes, inputBytes } = DEFAULT_POLICY.levels.untrusted.limits
    expect(decideDefault({ sourceBytes, inputBytes }).verdict).toBe('route')
  })

  it.each([
    [{ sourceBytes: 1_048_577 }, 'source: The source has 1048577 bytes, and limit "sourceBytes" is 1048576'],
    [{ inputBytes: 4_194_305 }, 'input: The input has 4194305 bytes, and limit "inputBytes" is 4194304'],
    [{ inputBytes: 9, limits: { inputBytes: 8 } }, 'input: The input has 9 bytes, and limit "inputBytes" is 8'],
  ])('%j over the ceiling are refused with both figures', (given, reason) => {
    const decision = decideDefault(given)
    expect(decision.verdict).toBe('refuse')
    expect(lastReason(decision)).toBe(reason)
  })
})

describe('host functions', () => {
  const lent = [
    { name: 'host/lookup', sync: false },
    { name: 'audit/note', sync: false },
  ]
  it.each([
    ['trusted', ['host/lookup', 'audit/note']],
    ['limited', ['host/lookup', 'audit/note']],
    ['untrusted', ['host/lookup', 'audit/note']],
    ['hostile', []],
  ] as const)('lent to %s code are granted as %j', (trust, capabilities) => {
    expect(decideDefault({ trust, functions: lent })).toMatchObject({ verdict: 'route', capabilities })
  })

  it('that the policy does not name are dropped with a reason', () => {
    const policy = definePolicy({ levels: { limited: { functions: ['host/*'] } } })
    const decision = decide(facts({ trust: 'limited', functions: lent }), policy, ALL_TIERS)
    expect(decision).toHaveProperty('capabilities', ['host/lookup'])
    expect(decision.because).toContainEqual({
      rule: 'functions',
      message:
        'The guest may call "host/lookup". The policy for limited code does not name "audit/note", so the guest gets no such function',
    })
  })

  it('reach hostile code when the operator names them', () => {
    const policy = definePolicy({ levels: { hostile: { functions: ['audit/note'] } } })
    const decision = decide(facts({ trust: 'hostile', functions: lent }), policy, ALL_TIERS)
    expect(decision).toHaveProperty('capabilities', ['audit/note'])
  })

  it('that make code of strings are there unless the level refuses them', () => {
    const policy = definePolicy({ levels: { hostile: { codeFromStrings: 'refuse' } } })
    const rule = 'code-from-strings'
    const decision = decide(facts({ trust: 'hostile' }), policy, ALL_TIERS)
    expect(decision).toHaveProperty('codeFromStrings', 'refuse')
    const message = 'The policy lets hostile code make no code from strings'
    expect(decision.because).toContainEqual({ rule, message })
    for (const trust of ['trusted', 'limited', 'untrusted'] as const) {
      const other = decide(facts({ trust }), policy, ALL_TIERS)
      expect(other).not.toHaveProperty('codeFromStrings')
      expect(other.because.map((reason) => reason.rule)).not.toContain(rule)
    }
  })

  it('that are synchronous move the code to the next tier that can wait for them', () => {
    const tiers = tiersNamed(['vm', 'worker', 'isolate', 'process'], ['vm', 'process'])
    const decision = decide(facts({ functions: [{ name: 'host/tax', sync: true }] }), DEFAULT_POLICY, tiers)
    expect(tierOf(decision)).toBe('process')
    expect(lastReason(decision)).toBe(
      'sync-functions: "host/tax" must be called synchronously, which tier "isolate" cannot do and tier "process" can',
    )
  })

  it('that are synchronous are refused by name where no tier strong enough can wait', () => {
    const tiers = tiersNamed(['vm', 'isolate'], ['vm'])
    const decision = decide(facts({ functions: [{ name: 'host/tax', sync: true }] }), DEFAULT_POLICY, tiers)
    expect(lastReason(decision)).toBe(
      'sync-functions: "host/tax" must be called synchronously, which no tier with a wall of "isolate" or stronger can do here',
    )
  })

  it('that are synchronous but not granted move nothing', () => {
    const tiers = tiersNamed(['process'], [])
    const given = facts({ trust: 'hostile', functions: [{ name: 'host/tax', sync: true }] })
    expect(tierOf(decide(given, DEFAULT_POLICY, tiers))).toBe('process')
  })
})

describe('a broker without the tier', () => {
  it('uses the next stronger one and says so', () => {
    const decision = decide(facts({ trust: 'trusted' }), DEFAULT_POLICY, tiersNamed(['process', 'isolate']))
    expect(tierOf(decision)).toBe('isolate')
    expect(lastReason(decision)).toBe(
      'available: This broker has no tier "vm", so the next stronger one takes its place: "isolate"',
    )
  })

  it('refuses when no wall is strong enough', () => {
    const decision = decide(facts({ trust: 'hostile' }), DEFAULT_POLICY, tiersNamed(['vm', 'worker', 'isolate']))
    expect(lastReason(decision)).toBe(
      'available: This broker has no tier "process", and no other tier gives hostile code a wall of "process" or stronger',
    )
  })

  it('does not believe a name: a tier whose traits promise less is passed over', () => {
    const tiers = new Map([...ALL_TIERS, ['isolate', traitsOf('thread', true)] as const])
    expect(tierOf(decide(facts(), DEFAULT_POLICY, tiers))).toBe('process')
  })
})

describe('facts that make no sense', () => {
  it.each([
    [{ trust: 'constructor' }, 'trust: There is no trust level "constructor"'],
    [{ workload: 'heavy' }, 'workload: There is no workload "heavy"'],
    [{ tier: 'toString' }, 'tier: There is no tier "toString"'],
  ])('as %j are refused, not thrown', (given, reason) => {
    const decision = decideDefault(given as Partial<Facts>)
    expect(decision.verdict).toBe('refuse')
    expect(lastReason(decision)).toBe(reason)
  })
})

it('decides in less than 20 microseconds', () => {
  const given = facts({ limits: { wallMs: 10 }, functions: [{ name: 'host/tax', sync: true }] })
  const rounds = Array.from({ length: 20 }, () => {
    const start = performance.now()
    for (let i = 0; i < 1000; i++) decide(given, DEFAULT_POLICY, ALL_TIERS)
    return performance.now() - start
  })
  expect(Math.min(...rounds)).toBeLessThan(20)
})
