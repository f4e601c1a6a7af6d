import type { Execution, GuestError, Outcome, PolicyDecision } from '../core/types.ts'
import { toJson } from './json-value.ts'

/** The receipt as one line of JSON, for other programs. See `toJson` for values that JSON cannot say. */
export function renderReceipt({ id, tier, trust, isolation, outcome, usage, logs, decision }: Execution): string {
  return `${JSON.stringify({ id, tier, trust, isolation, outcome: outcomeJson(outcome), usage, logs, decision })}\n`
}

function outcomeJson(outcome: Outcome): object {
  if (outcome.kind === 'returned') return { kind: outcome.kind, value: toJson(outcome.value).json }
  return outcome.kind === 'threw' ? { kind: outcome.kind, error: errorJson(outcome.error) } : outcome
}

function errorJson({ data, cause, errors, ...rest }: GuestError): object {
  return {
    ...rest,
    ...(data !== undefined && { data: toJson(data).json }),
    ...(cause !== undefined && { cause: errorJson(cause) }),
    ...(errors !== undefined && { errors: errors.map(errorJson) }),
  }
}

/** A decision as one line of JSON. */
export function renderDecisionJson(decision: PolicyDecision): string {
  return `${JSON.stringify(decision)}\n`
}
