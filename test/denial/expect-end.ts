import { expect } from 'vitest'
import type { Execution, Outcome } from '../../src/index.ts'
import type { Attack } from './attack.ts'

/** Expects an execution to have ended in one of the ways that an attack may end. */
export function expectEnd({ outcome }: Execution, ends: Attack['ends']): void {
  const end = endOf(outcome)
  const allowed: readonly string[] = typeof ends === 'string' ? [ends] : ends
  expect(allowed, `it ended so: ${end} ${outcome.kind === 'threw' ? outcome.error.message : ''}`).toContain(end)
}

/** How an execution ended, in the words of the tables. */
export function endOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exceeded':
      return outcome.limit
    case 'threw':
      return `threw ${outcome.error.name}`
    case 'returned':
      return `returned ${typeof outcome.value === 'object' ? 'object' : String(outcome.value)}`
    default:
      return outcome.kind
  }
}
