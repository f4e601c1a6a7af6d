import { DEFAULT_LIMITS } from '../core/limits.ts'
import type { IsolationLevel, Limits, TierId, TrustLevel, Workload } from '../core/types.ts'
import type { Boundary } from './boundary.ts'

/** What holds for one trust level, with nothing left open. */
export interface LevelPolicy {
  readonly floor: Boundary
  /** The least that the operating system must add to the wall, by observation. */
  readonly isolation: IsolationLevel
  readonly tiers: Readonly<Record<Workload, TierId>>
  readonly limits: Limits
  readonly functions: 'all' | readonly string[]
  /** Whether `eval`, `Function` and its kin make code. Walls stand either way; an operator may want to know all code beforehand. */
  readonly codeFromStrings: 'allow' | 'refuse'
}

/** A policy ready to decide by. Made by `definePolicy` only, so that none is weaker than the built-in floors. */
export interface Policy {
  readonly levels: Readonly<Record<TrustLevel, LevelPolicy>>
}

/** The routing table of the design. Its floors are the floors of every policy. */
export const DEFAULT_POLICY: Policy = {
  levels: {
    trusted: {
      floor: 'realm',
      isolation: 'none',
      tiers: { light: 'vm', cpu: 'worker' },
      limits: DEFAULT_LIMITS.trusted,
      functions: 'all',
      codeFromStrings: 'allow',
    },
    limited: {
      floor: 'realm',
      isolation: 'none',
      tiers: { light: 'vm', cpu: 'worker' },
      limits: DEFAULT_LIMITS.limited,
      functions: ['*'],
      codeFromStrings: 'allow',
    },
    untrusted: {
      floor: 'isolate',
      isolation: 'none',
      tiers: { light: 'isolate', cpu: 'isolate' },
      limits: DEFAULT_LIMITS.untrusted,
      functions: 'all',
      codeFromStrings: 'allow',
    },
    hostile: {
      floor: 'process',
      isolation: 'good',
      tiers: { light: 'process', cpu: 'process' },
      limits: DEFAULT_LIMITS.hostile,
      functions: [],
      codeFromStrings: 'allow',
    },
  },
}
