import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { RingfenceError } from '../../src/core/errors.ts'
import { ISOLATION_LEVELS } from '../../src/core/isolation.ts'
import { LIMIT_BOUNDS, LIMIT_NAMES } from '../../src/core/limits.ts'
import { TRUST_LEVELS } from '../../src/core/trust.ts'
import type { Limits, PolicyDecision, TierId, Traits } from '../../src/core/types.ts'
import { BOUNDARIES, isAtLeast, PROMISED_BOUNDARY } from '../../src/policy/boundary.ts'
import { decide } from '../../src/policy/decide.ts'
import { DEFAULT_POLICY, type Policy } from '../../src/policy/default-policy.ts'
import { definePolicy } from '../../src/policy/define-policy.ts'
import type { Facts } from '../../src/policy/facts.ts'
import { TIER_IDS, traitsOf, WORKLOADS } from '../policy/scene.ts'
import type { Target } from './target.ts'

type Tiers = ReadonlyMap<TierId, Traits>
type Route = Extract<PolicyDecision, { readonly verdict: 'route' }>

const limit = (name: keyof Limits): fc.Arbitrary<number> => {
  const { min, max } = LIMIT_BOUNDS[name]
  return fc.oneof(fc.integer({ min, max: Math.min(max, min * 4 + 1000) }), fc.constantFrom(min, max))
}
const limits = fc.record(Object.fromEntries(LIMIT_NAMES.map((name) => [name, limit(name)])), { requiredKeys: [] })
const pattern = fc.constantFrom('*', 'host/*', '*/get', 'kv/get', '/', '__proto__/*', '**', '(a+)+/*')
const level = fc.record(
  {
    floor: fc.constantFrom(...BOUNDARIES),
    isolation: fc.constantFrom(...ISOLATION_LEVELS),
    light: fc.constantFrom(...TIER_IDS),
    cpu: fc.constantFrom(...TIER_IDS),
    limits,
    functions: fc.oneof(fc.constant('all' as const), fc.array(pattern, { maxLength: 3 })),
  },
  { requiredKeys: [] },
)
const documents = fc.oneof(
  fc.constant({}),
  ...TRUST_LEVELS.map((trust) => level.map((given) => ({ levels: { [trust]: given } }))),
)
/** Tiers that keep what their names promise, or less: what is more than promised counts for nothing. */
const tiers: fc.Arbitrary<Tiers> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...TIER_IDS), fc.constantFrom(...BOUNDARIES), fc.boolean()), {
    selector: ([id]) => id,
  })
  .map((rows) => {
    const kept = rows.map(([id, wall, sync]) => {
      const promised = PROMISED_BOUNDARY[id]
      return [id, traitsOf(isAtLeast(wall, promised) ? promised : wall, sync)] as const
    })
    return new Map(kept)
  })

const names = fc.constantFrom('host/a', 'kv/get', '__proto__/x', 'a/b/c', '*', `${'a'.repeat(60)}/b`)
const facts: fc.Arbitrary<Facts> = fc.record(
  {
    trust: fc.constantFrom(...TRUST_LEVELS),
    workload: fc.constantFrom(...WORKLOADS),
    tier: fc.constantFrom(...TIER_IDS),
    limits,
    functions: fc.uniqueArray(fc.record({ name: names, sync: fc.boolean() }), { selector: ({ name }) => name }),
    sourceBytes: fc.nat(2 ** 20),
    inputBytes: fc.nat(2 ** 20),
    tenant: fc.string(),
  },
  { requiredKeys: ['trust', 'workload', 'functions', 'sourceBytes', 'inputBytes', 'tenant'] },
)
const nonsense = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', ''))
/** Facts of the right shape whose words are anything. */
const oddFacts = fc
  .tuple(
    facts,
    fc.record(
      { trust: nonsense, workload: nonsense, tier: nonsense, limits: fc.dictionary(nonsense, fc.double()) },
      { requiredKeys: [] },
    ),
  )
  .map(([sound, odd]): unknown => ({ ...sound, ...odd }))

/** The policy of a document, or nothing where it is refused. */
function defined(document: unknown): Policy | undefined {
  try {
    return definePolicy(document)
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error
    assert.equal(error.code, 'RF_BAD_POLICY')
    return undefined
  }
}

/** Freezes what a decision may read, so that a change would throw. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) {
    for (const held of Object.values(value)) freeze(held)
    Object.freeze(value)
  }
  return value
}

const routeOf = (given: Facts, by: Policy, among: Tiers): Route | undefined => {
  const decision = decide(given, by, among)
  return decision.verdict === 'route' ? decision : undefined
}
const wallOf = (route: Route, among: Tiers): Traits['boundary'] => {
  const traits = among.get(route.tier)
  assert.ok(traits, `there is no tier ${route.tier}`)
  return traits.boundary
}

/** Compares two decisions where the second stands for more caution: it refuses, or its wall is as strong. */
function noWeaker(before: Route | undefined, after: Route | undefined, among: Tiers): void {
  if (before === undefined || after === undefined) return
  assert.ok(isAtLeast(wallOf(after, among), wallOf(before, among)), `${before.tier} became ${after.tier}`)
}

/** Policies that were taken, so that each run compares something. */
const policies = documents.map((document) => defined(document) ?? DEFAULT_POLICY)
const scene = [facts, policies, tiers] as const

export const policy: Target = {
  name: 'policy',
  checks: [
    {
      title: 'facts with any words in them are decided, alike each time, and nothing is changed',
      runs: 1500,
      property: () =>
        fc.property(oddFacts, policies, tiers, (given, by, among) => {
          const sound = freeze(given) as Facts
          const first = decide(sound, freeze(by), among)
          assert.deepEqual(decide(sound, by, among), first)
          assert.ok(first.because.length > 0)
        }),
    },
    {
      title: 'a document of anything is a policy or RF_BAD_POLICY, and reading it changes nothing',
      runs: 1500,
      property: () =>
        fc.property(
          fc.oneof(
            documents,
            fc.object({ key: fc.constantFrom('levels', 'hostile', 'floor', 'limits', 'functions', '__proto__') }),
            fc.anything(),
          ),
          (document) => {
            const before = ISOLATION_LEVELS.join()
            const by = defined(freeze(document))
            if (by !== undefined) {
              for (const trust of TRUST_LEVELS) {
                assert.ok(isAtLeast(by.levels[trust].floor, DEFAULT_POLICY.levels[trust].floor))
              }
            }
            assert.equal(ISOLATION_LEVELS.join(), before)
          },
        ),
    },
    {
      title: 'who asks for a stronger tier gets no weaker wall',
      runs: 1500,
      property: () =>
        fc.property(...scene, (given, by, among) => {
          const { tier: _tier, ...unasked } = given
          noWeaker(routeOf(unasked, by, among), routeOf(given, by, among), among)
        }),
    },
    {
      title: 'the less code is trusted, the stronger its wall, by the built-in policy',
      runs: 1500,
      property: () =>
        fc.property(facts, tiers, (given, among) => {
          const routes = TRUST_LEVELS.map((trust) => routeOf({ ...given, trust }, DEFAULT_POLICY, among))
          for (const [index, route] of routes.entries()) noWeaker(routes[index - 1], route, among)
        }),
    },
    {
      title: 'a higher floor gives no weaker wall, and higher demands on isolation are kept',
      runs: 1500,
      property: () =>
        fc.property(facts, level, tiers, fc.constantFrom(...BOUNDARIES), (given, document, among, floor) => {
          const { light: _light, cpu: _cpu, ...rest } = document
          const low = defined({ levels: { [given.trust]: rest } })
          const high = defined({ levels: { [given.trust]: { ...rest, floor } } })
          if (low === undefined || high === undefined) return
          if (!isAtLeast(floor, low.levels[given.trust].floor)) return
          const after = routeOf(given, high, among)
          noWeaker(routeOf(given, low, among), after, among)
          if (after !== undefined && rest.isolation !== undefined) assert.equal(after.isolation, rest.isolation)
        }),
    },
    {
      title: 'who asks for lower limits gets them, and who passes more functions loses none',
      runs: 1500,
      property: () =>
        fc.property(...scene, names, (given, by, among, name) => {
          const { limits: _limits, ...unasked } = given
          const [free, asked] = [routeOf(unasked, by, among), routeOf(given, by, among)]
          if (free !== undefined && asked !== undefined) {
            for (const one of LIMIT_NAMES) {
              assert.equal(asked.limits[one], Math.min(free.limits[one], given.limits?.[one] ?? Infinity))
            }
          }
          if (given.functions.some((known) => known.name === name)) return
          const more = routeOf({ ...given, functions: [...given.functions, { name, sync: false }] }, by, among)
          if (asked === undefined) return
          assert.ok(more)
          for (const granted of asked.capabilities) assert.ok(more.capabilities.includes(granted))
        }),
    },
  ],
}
