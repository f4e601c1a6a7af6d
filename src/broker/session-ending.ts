import type { KilledBy, Limits, Outcome, TrustLevel } from '../core/types.ts'
import { isPressedAtLeast, type Pressure } from './pressure-level.ts'

/** Why a session ended. */
export type SessionEnding =
  | { readonly kind: 'closed' }
  /** Nobody called it for as long as its limit says. */
  | { readonly kind: 'idle' }
  /** Its calls have used up what the session may use. */
  | { readonly kind: 'spent'; readonly limit: 'calls' | 'cpuMs' }
  | { readonly kind: 'killed'; readonly by: KilledBy; readonly reason: string }
  /** A call reached this limit. */
  | { readonly kind: 'exceeded'; readonly limit: keyof Limits }
  | { readonly kind: 'crashed'; readonly detail: string }

/** How a session ends that is left by a call that ended so. */
export function endingAfter(outcome: Outcome | undefined): SessionEnding {
  switch (outcome?.kind) {
    case 'killed':
    case 'exceeded':
    case 'crashed':
      return outcome
    case 'returned':
    case 'threw':
    case 'refused':
    case undefined:
      return { kind: 'crashed', detail: 'Its sandbox cannot be called any more' }
  }
}

/**
 * Whether an idle session of this trust ends for others' sake. What it keeps is lost with it, so a late event loop, which that
 * does not help, is no reason.
 */
export function yields(trust: TrustLevel, { level, measure }: Pressure): boolean {
  return trust !== 'trusted' && measure !== 'eventLoop' && isPressedAtLeast(level, 'high')
}

/** Says it in half a sentence. */
export function describeEnding(ending: SessionEnding): string {
  switch (ending.kind) {
    case 'closed':
      return 'it was closed'
    case 'idle':
      return 'nobody called it for as long as "session.idleMs" says'
    case 'spent':
      return `its calls reached "session.${ending.limit}"`
    case 'killed':
      return `it was killed by "${ending.by}": ${ending.reason}`
    case 'exceeded':
      return `a call exceeded its limit "${ending.limit}"`
    case 'crashed':
      return `a call crashed: ${ending.detail}`
  }
}
