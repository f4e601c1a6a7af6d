import type { Limits } from '../core/types.ts'
import type { SettledWork } from './executions.ts'
import type { Task } from './guest-call.ts'
import type { Opened } from './open-sandbox.ts'
import type { Plan, Runnable } from './plan.ts'
import type { ProgramRequest } from './program-request.ts'
import type { Seats } from './seats.ts'
import type { SessionEnding } from './session-ending.ts'

/** What a session is made of, which a replacement exchanges as a whole. */
export interface SessionVersion {
  readonly plan: Plan
  readonly request: ProgramRequest
  readonly state: SessionState
}

/** How a session stands. */
export type SessionState =
  | { readonly kind: 'opening'; readonly aborter: AbortController }
  | { readonly kind: 'open'; readonly opened: Opened; readonly seats: Seats; readonly runnable: Runnable }
  /** It never had a sandbox: what every call comes to was settled before. */
  | { readonly kind: 'settled'; readonly work: SettledWork }
  | { readonly kind: 'ended'; readonly ending: SessionEnding; readonly gone: Promise<void> }

/** It has its sandbox. */
export type OpenState = Extract<SessionState, { readonly kind: 'open' }>

/** Makes what a call is to do, when its turn has come. */
export type MakeTask = (state: OpenState, limits: Limits) => Task | SettledWork
