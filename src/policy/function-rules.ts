import { proceed, type Rule, refuse } from './draft.ts'
import { matchesPattern } from './matches-pattern.ts'
import { weakestTier } from './weakest-tier.ts'

/**
 * Grants the host functions that the caller passed and the level allows. The others are dropped, not refused: the guest's
 * import then fails as of a function that does not exist.
 */
export const functionsRule: Rule = {
  name: 'functions',
  apply(draft) {
    const { trust, functions } = draft.facts
    if (functions.length === 0) return proceed(draft)
    const allowed = draft.level.functions
    const granted: string[] = []
    const dropped: string[] = []
    for (const { name } of functions) {
      const fits = allowed === 'all' || allowed.some((pattern) => matchesPattern(pattern, name))
      ;(fits ? granted : dropped).push(name)
    }
    const sentences = [
      granted.length > 0 ? `The guest may call ${quoted(granted)}` : '',
      dropped.length > 0
        ? `The policy for ${trust} code does not name ${quoted(dropped)}, so the guest gets no such function`
        : '',
    ]
    return proceed({ ...draft, capabilities: granted }, sentences.filter((sentence) => sentence !== '').join('. '))
  },
}

/** A function the guest waits for without yielding needs a tier that can truly do so; a stronger tier may. */
export const syncFunctionsRule: Rule = {
  name: 'sync-functions',
  apply(draft) {
    const granted = new Set(draft.capabilities)
    const waitedFor = draft.facts.functions
      .filter(({ name, sync }) => sync && granted.has(name))
      .map(({ name }) => name)
    if (waitedFor.length === 0 || draft.tiers.get(draft.tier)?.syncFunctions === true) return proceed(draft)
    const tier = weakestTier(draft.tiers, draft.needed, (traits) => traits.syncFunctions)
    if (tier === undefined) {
      return refuse(
        `${quoted(waitedFor)} must be called synchronously, which no tier with a wall of "${draft.needed}" or stronger can do here`,
      )
    }
    return proceed(
      { ...draft, tier },
      `${quoted(waitedFor)} must be called synchronously, which tier "${draft.tier}" cannot do and tier "${tier}" can`,
    )
  },
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
