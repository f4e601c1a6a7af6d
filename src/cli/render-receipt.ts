import type { Execution, PolicyDecision } from '../core/types.ts'
import { toJson } from './json-value.ts'

/** The receipt as one line of JSON, for other programs. See `toJson` for values that JSON cannot say. */
export function renderReceipt({ id, tier, trust, isolation, outcome, usage, logs, decision }: Execution): string {
  const told = outcome.kind === 'returned' ? { kind: outcome.kind, value: toJson(outcome.value).json } : outcome
  return `${JSON.stringify({ id, tier, trust, isolation, outcome: told, usage, logs, decision })}\n`
}

/** A decision as one line of JSON. */
export function renderDecisionJson(decision: PolicyDecision): string {
  return `${JSON.stringify(decision)}\n`
}
