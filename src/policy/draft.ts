import type { Limits, Reason, TierId, Traits } from '../core/types.ts'
import type { Boundary } from './boundary.ts'
import type { LevelPolicy } from './default-policy.ts'
import type { Facts } from './facts.ts'

/** A decision half made. Rules do not change it, they answer with the next one. */
export interface Draft {
  readonly facts: Facts
  readonly level: LevelPolicy
  /** The tiers this broker has. */
  readonly tiers: ReadonlyMap<TierId, Traits>
  readonly limits: Limits
  readonly capabilities: readonly string[]
  /** The tier the rules so far lead to. */
  readonly tier: TierId
  /** The weakest wall that will do. It only ever gets stronger. */
  readonly needed: Boundary
}

/** What a rule answers: the draft as it stands now, or a refusal. A rule that has nothing to say gives no message. */
export type Step =
  | { readonly kind: 'continue'; readonly draft: Draft; readonly message?: string }
  | { readonly kind: 'refuse'; readonly message: string }

/** One rule of the policy, by the name its reasons carry. */
export interface Rule {
  readonly name: Reason['rule']
  apply(draft: Draft): Step
}

/** Goes on, with or without a sentence about it. */
export function proceed(draft: Draft, message?: string): Step {
  return message === undefined ? { kind: 'continue', draft } : { kind: 'continue', draft, message }
}

/** Ends the walk. */
export function refuse(message: string): Step {
  return { kind: 'refuse', message }
}
