import type { Execution, Outcome } from '../core/types.ts'
import { withoutPaths } from '../core/without-paths.ts'
import type { LiveExecution } from './live-execution.ts'
import { described } from './shape.ts'

/** Writes the receipt of an execution whose guest runs no more. */
export function receiptOf(live: LiveExecution): Execution {
  const { id, subject, decision } = live
  const usage = live.finish()
  return {
    id,
    ...(subject.tier !== undefined && { tier: subject.tier }),
    trust: subject.trust,
    isolation: live.isolation,
    decision,
    outcome: live.race.outcome ?? { kind: 'crashed', detail: 'The execution ended without a cause' },
    usage,
    logs: [...live.logs],
  }
}

/** The outcome of a failure that is not the guest's. */
export function crashed(attempt: string, error: unknown): Outcome {
  return { kind: 'crashed', detail: withoutPaths(`${attempt}: ${messageOf(error)}`) }
}

/** Whether the guest ended by itself, so that its sandbox may be called again. */
export function endedWell(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'returned' || outcome?.kind === 'threw'
}

/** The text of something thrown, with the cause behind it. Runs no code of a value that is no error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : described(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
