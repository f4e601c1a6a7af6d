import { isAtLeast, PROMISED_BOUNDARY, strongerOf } from './boundary.ts'
import { proceed, type Rule, refuse } from './draft.ts'
import { weakestTier } from './weakest-tier.ts'

/** Where the level sends work of this kind. */
export const workloadRule: Rule = {
  name: 'workload',
  apply(draft) {
    const { trust, workload } = draft.facts
    if (!Object.hasOwn(draft.level.tiers, workload)) return refuse(`There is no workload "${workload}"`)
    const tier = draft.level.tiers[workload]
    const needed = strongerOf(draft.needed, PROMISED_BOUNDARY[tier])
    const work = workload === 'cpu' ? 'CPU-heavy' : 'Light'
    return proceed({ ...draft, tier, needed }, `${work} ${trust} code goes to tier "${tier}"`)
  },
}

/** A caller may ask for a tier with the same wall or a stronger one, never for a weaker one. */
export const requestedTierRule: Rule = {
  name: 'tier',
  apply(draft) {
    const { trust, tier } = draft.facts
    if (tier === undefined) return proceed(draft)
    if (!Object.hasOwn(PROMISED_BOUNDARY, tier)) return refuse(`There is no tier "${tier}"`)
    const needed = PROMISED_BOUNDARY[tier]
    if (!isAtLeast(needed, draft.needed)) {
      return refuse(
        `The caller asked for tier "${tier}", which is weaker than "${draft.tier}", where this ${trust} code belongs`,
      )
    }
    if (tier === draft.tier) return proceed(draft)
    return proceed({ ...draft, tier, needed }, `The caller asked for the stronger tier "${tier}"`)
  },
}

/** A wall this broker does not have is replaced by the next stronger one; without any, nothing runs. */
export const availableRule: Rule = {
  name: 'available',
  apply(draft) {
    const { tier, tiers, needed } = draft
    const traits = tiers.get(tier)
    if (traits !== undefined && isAtLeast(traits.boundary, needed)) return proceed(draft)
    const missing =
      traits === undefined
        ? `This broker has no tier "${tier}"`
        : `Tier "${tier}" has only a wall of "${traits.boundary}" here`
    const next = weakestTier(tiers, needed, () => true)
    if (next === undefined) {
      return refuse(`${missing}, and no other tier gives ${draft.facts.trust} code a wall of "${needed}" or stronger`)
    }
    return proceed({ ...draft, tier: next }, `${missing}, so the next stronger one takes its place: "${next}"`)
  },
}
