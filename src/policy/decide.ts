import type { PolicyDecision, Reason, TierId, Traits } from '../core/types.ts'
import { codeRule } from './code-rule.ts'
import type { Policy } from './default-policy.ts'
import type { Draft, Rule } from './draft.ts'
import type { Facts } from './facts.ts'
import { functionsRule, syncFunctionsRule } from './function-rules.ts'
import { isolationRule } from './isolation-rule.ts'
import { inputRule, limitsRule, sourceRule } from './size-rules.ts'
import { availableRule, requestedTierRule, workloadRule } from './tier-rules.ts'

/** The rules in the order they speak. The last reason of a decision is thus the one that settled it. */
const RULES: readonly Rule[] = [
  limitsRule,
  sourceRule,
  inputRule,
  functionsRule,
  codeRule,
  workloadRule,
  requestedTierRule,
  availableRule,
  syncFunctionsRule,
  isolationRule,
]

/**
 * Decides where code runs and what it may use, or that it does not run. Pure, synchronous, and never throws: facts that
 * make no sense are a refusal. Whatever the facts, the tier it names has a wall no weaker than the level's floor.
 */
export function decide(facts: Facts, policy: Policy, tiers: ReadonlyMap<TierId, Traits>): PolicyDecision {
  const { trust } = facts
  if (!Object.hasOwn(policy.levels, trust)) {
    return { trust, verdict: 'refuse', because: [{ rule: 'trust', message: `There is no trust level "${trust}"` }] }
  }
  const level = policy.levels[trust]
  const because: Reason[] = [
    { rule: 'trust', message: `${sentenceCase(trust)} code needs a wall of "${level.floor}" or stronger` },
  ]
  let draft: Draft = {
    facts,
    level,
    tiers,
    limits: level.limits,
    capabilities: [],
    tier: level.tiers.light,
    needed: level.floor,
  }
  for (const rule of RULES) {
    const step = rule.apply(draft)
    if (step.message !== undefined) because.push({ rule: rule.name, message: step.message })
    if (step.kind === 'refuse') return { trust, verdict: 'refuse', because }
    draft = step.draft
  }
  const { tier, limits, capabilities } = draft
  const { isolation, codeFromStrings } = level
  const strings = codeFromStrings === 'refuse' ? { codeFromStrings } : {}
  return {
    trust,
    verdict: 'route',
    because,
    tier,
    workload: facts.workload,
    limits,
    isolation,
    capabilities,
    ...strings,
  }
}

function sentenceCase(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
