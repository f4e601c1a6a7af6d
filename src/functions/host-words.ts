import type { BrokerStats } from '../broker/stats.ts'

/** What one call may be told. */
export interface InvokeOptions {
  /** A version's number or an alias; `live` when not given. */
  readonly qualifier?: string
  readonly signal?: AbortSignal
}

/** What deploying came to. */
export interface Deployed {
  readonly function: string
  readonly version: number
  readonly hash: string
  /** What the handler was found to be; absent when the text was not run. */
  readonly handler?: string
  /** Whether this very version was there already. */
  readonly unchanged: boolean
}

/** How a function host stands. */
export interface FunctionHostStats {
  /** Calls that were let through. */
  readonly inside: number
  /** Calls that wait for their turn. */
  readonly waiting: number
  readonly isClosed: boolean
  readonly broker: BrokerStats
}
