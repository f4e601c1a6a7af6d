import type { Isolation, IsolationLevel } from './types.ts'

/** Levels from the weakest to the strongest. */
export const ISOLATION_LEVELS: readonly ['none', 'basic', 'good', 'strong'] = ['none', 'basic', 'good', 'strong']

/** A layer that is not there: why not, and what an operator can do about it. */
export interface MissingLayer {
  readonly layer: string
  readonly cause: string
  readonly fix: string
}

/** What the operating system adds to a tier's wall here, by what was observed and not by what was configured. */
export interface IsolationReport extends Isolation {
  readonly missing: readonly MissingLayer[]
}

/** No layer of the operating system at all. */
export const NO_ISOLATION: IsolationReport = { level: 'none', layers: [], missing: [] }

/** Whether `level` holds whatever `needed` would hold. */
export function isIsolatedAtLeast(level: IsolationLevel, needed: IsolationLevel): boolean {
  return ISOLATION_LEVELS.indexOf(level) >= ISOLATION_LEVELS.indexOf(needed)
}
