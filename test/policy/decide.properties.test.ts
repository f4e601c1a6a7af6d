import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RingfenceError } from '../../src/core/errors.ts'
import { DEFAULT_LIMITS, LIMIT_BOUNDS, LIMIT_NAMES } from '../../src/core/limits.ts'
import { TRUST_LEVELS } from '../../src/core/trust.ts'
import type { Limits, PolicyDecision, TierId, Traits } from '../../src/core/types.ts'
import { BOUNDARIES, type Boundary, isAtLeast, PROMISED_BOUNDARY } from '../../src/policy/boundary.ts'
import { decide } from '../../src/policy/decide.ts'
import { DEFAULT_POLICY, type Policy } from '../../src/policy/default-policy.ts'
import { definePolicy } from '../../src/policy/define-policy.ts'
import type { LevelDocument } from '../../src/policy/document.ts'
import type { Facts } from '../../src/policy/facts.ts'
import { TIER_IDS, traitsOf, WORKLOADS } from './scene.ts'

const boundary = fc.constantFrom(...BOUNDARIES)
const tier = fc.constantFrom(...TIER_IDS)
const name = fc.constantFrom('host/a', 'host/b', 'kv/get', 'kv/set', '__proto__/x')

const validLimit = (limit: keyof Limits): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(LIMIT_BOUNDS[limit].min, LIMIT_BOUNDS[limit].max),
    fc.integer({ min: LIMIT_BOUNDS[limit].min, max: LIMIT_BOUNDS[limit].max }),
  )
const limits = (value: (limit: keyof Limits) => fc.Arbitrary<number>): fc.Arbitrary<Partial<Limits>> =>
  fc.record(Object.fromEntries(LIMIT_NAMES.map((limit) => [limit, value(limit)])), { requiredKeys: [] })
const lowLimit = (limit: keyof Limits): fc.Arbitrary<number> =>
  fc.integer({ min: LIMIT_BOUNDS[limit].min, max: DEFAULT_LIMITS.untrusted[limit] })
const anyLimit = (limit: keyof Limits): fc.Arbitrary<number> => fc.oneof(validLimit(limit), fc.double(), fc.integer())

const levelDocument: fc.Arbitrary<LevelDocument> = fc.record(
  {
    floor: boundary,
    light: tier,
    cpu: tier,
    limits: limits(validLimit),
    functions: fc.oneof(fc.constant('all' as const), fc.array(fc.constantFrom('*', 'host/*', 'kv/get', '*/set'))),
  },
  { requiredKeys: [] },
)
const levels = { trusted: levelDocument, limited: levelDocument, untrusted: levelDocument, hostile: levelDocument }
/** Mostly documents about one level, since few random ones about all four are strong enough to be taken. */
const documents = fc.oneof(
  fc.record({ levels: fc.record(levels, { requiredKeys: [] }) }),
  ...TRUST_LEVELS.map((trust) => levelDocument.map((given) => ({ levels: { [trust]: given } }))),
)

type Route = Extract<PolicyDecision, { readonly verdict: 'route' }>

function wallOf(route: Route, among: ReadonlyMap<TierId, Traits>): Boundary {
  const traits = among.get(route.tier)
  if (traits === undefined) throw new Error(`Tier "${route.tier}" is not one of the broker's`)
  return traits.boundary
}

/** A policy, or nothing where the document was turned away with `RF_BAD_POLICY`. */
function definedOrRefused(document: unknown): Policy | undefined {
  try {
    return definePolicy(document)
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'RF_BAD_POLICY') return undefined
    throw error
  }
}

const policy = documents.map(definedOrRefused)

const tiers: fc.Arbitrary<ReadonlyMap<TierId, Traits>> = fc
  .uniqueArray(fc.tuple(tier, boundary, fc.boolean()), { selector: ([id]) => id })
  .map((rows) => new Map(rows.map(([id, wall, sync]) => [id, traitsOf(wall, sync)])))

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    trust: fc.constantFrom(...TRUST_LEVELS),
    workload: fc.constantFrom(...WORKLOADS),
    tier,
    limits: fc.oneof({ weight: 4, arbitrary: limits(lowLimit) }, limits(anyLimit)),
    functions: fc.uniqueArray(fc.record({ name, sync: fc.boolean() }), { selector: (fact) => fact.name }),
    sourceBytes: fc.oneof(fc.nat(1000), fc.nat(2 ** 22)),
    inputBytes: fc.oneof(fc.nat(1000), fc.nat(2 ** 24)),
    tenant: fc.string(),
    program: fc.string(),
  },
  { requiredKeys: ['trust', 'workload', 'functions', 'sourceBytes', 'inputBytes', 'tenant'] },
)

type Property = (given: Facts, by: Policy, among: ReadonlyMap<TierId, Traits>) => void

function holds(property: Property): void {
  fc.assert(
    fc.property(facts, policy, tiers, (given, by, among) => property(given, by ?? DEFAULT_POLICY, among)),
    { numRuns: 2000 },
  )
}

/** Checks routes only, and that there were enough of them for the check to mean something. */
function holdsForRoutes(property: (route: Route, ...scene: Parameters<Property>) => void): void {
  let routes = 0
  holds((given, by, among) => {
    const decision = decide(given, by, among)
    if (decision.verdict === 'refuse') return
    routes += 1
    property(decision, given, by, among)
  })
  expect(routes).toBeGreaterThan(200)
}

describe('whatever the facts, the document and the tiers', () => {
  it('the wall is never weaker than the floor of the level, nor than the built-in one', () => {
    holdsForRoutes((route, given, by, among) => {
      const wall = wallOf(route, among)
      expect(isAtLeast(wall, by.levels[given.trust].floor)).toBe(true)
      expect(isAtLeast(wall, DEFAULT_POLICY.levels[given.trust].floor)).toBe(true)
    })
  })

  it('the wall is never weaker than that of the tier the caller asked for', () => {
    holdsForRoutes((route, given, _by, among) => {
      expect(isAtLeast(wallOf(route, among), PROMISED_BOUNDARY[given.tier ?? 'vm'])).toBe(true)
    })
  })

  it('no limit is higher than the policy allows or than the caller asked for', () => {
    holdsForRoutes((route, given, by) => {
      for (const limit of LIMIT_NAMES) {
        expect(route.limits[limit]).toBeLessThanOrEqual(by.levels[given.trust].limits[limit])
        expect(route.limits[limit]).toBeLessThanOrEqual(given.limits?.[limit] ?? Number.POSITIVE_INFINITY)
        expect(route.limits[limit]).toBeGreaterThanOrEqual(LIMIT_BOUNDS[limit].min)
      }
    })
  })

  it('only functions that the caller passed are granted, and those waited for only where a tier can', () => {
    holdsForRoutes((route, given, _by, among) => {
      const granted = given.functions.filter((fact) => route.capabilities.includes(fact.name))
      expect(granted).toHaveLength(route.capabilities.length)
      const waitsFor = granted.some((fact) => fact.sync)
      expect(waitsFor && among.get(route.tier)?.syncFunctions !== true).toBe(false)
    })
  })

  it('every decision carries reasons in sentences, and equal facts are decided alike', () => {
    holds((given, by, among) => {
      const decision = decide(given, by, among)
      expect(decision.because.length).toBeGreaterThan(0)
      for (const { message } of decision.because) expect(message).toMatch(/^["A-Z].*[^.\s]$/)
      expect(decide(structuredClone(given), by, new Map(among))).toEqual(decision)
    })
  })
})

it('a document is either refused or has no floor below the built-in ones', () => {
  let defined = 0
  fc.assert(
    fc.property(policy, (by) => {
      if (by === undefined) return true
      defined += 1
      return TRUST_LEVELS.every((trust) => isAtLeast(by.levels[trust].floor, DEFAULT_POLICY.levels[trust].floor))
    }),
  )
  expect(defined).toBeGreaterThan(10)
})

it('no value at all makes definePolicy throw anything but RF_BAD_POLICY', () => {
  let refused = 0
  const property = fc.property(fc.anything(), (input) => {
    if (definedOrRefused(input) === undefined) refused += 1
  })
  fc.assert(property)
  expect(refused).toBeGreaterThan(10)
})
