import { expect } from 'vitest'
import type { Data, Execution, Outcome } from '../../src/index.ts'
import type { Attack } from './attack.ts'

/** Expects an execution to have ended in one of the ways that an attack may end. */
export function expectEnd({ outcome }: Execution, ends: Attack['ends']): void {
  const end = endOf(outcome)
  const allowed: readonly string[] = typeof ends === 'string' ? [ends] : ends
  expect(allowed, `it ended so: ${end} ${outcome.kind === 'threw' ? outcome.error.message : ''}`).toContain(end)
}

/** How an execution ended, in the words of the tables. */
export function endOf(outcome: Outcome): string {
  if (outcome.kind === 'exceeded') return outcome.limit
  if (outcome.kind === 'threw') return `threw ${outcome.error.name}`
  return outcome.kind === 'returned' ? `returned ${textOf(outcome.value)}` : outcome.kind
}

function textOf(value: Data): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? value.toString() : wordFor(value)
}

function wordFor(value: Data): string {
  return typeof value === 'boolean' ? String(value) : typeof value
}
