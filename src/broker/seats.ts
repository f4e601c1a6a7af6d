import type { Sandbox } from '../core/sandbox.ts'
import type { Isolation } from '../core/types.ts'
import type { CallerBox } from './host-functions.ts'
import type { LiveExecution } from './live-execution.ts'

/** How a sandbox was left: well, not to be used again, without having been called, or lost through a neighbour. */
export type Left = 'well' | 'spent' | 'unused' | 'lost'

/** A place to run one call: an admitted turn and a sandbox for it. Whoever claimed it leaves it exactly once. */
export interface Seat {
  readonly sandbox: Sandbox
  /** Tells the sandbox's host functions which execution is calling. */
  readonly box: CallerBox
  /** How much of the waiting went into opening the sandbox. */
  readonly startMs: number
  /** What the operating system adds to the sandbox's wall. */
  readonly isolation: Isolation
  /** Whether other calls were given places in the sandbox before. */
  readonly waits?: boolean
  /** Present where its call has no other place to go: what the sandbox holds is nowhere else. */
  readonly isOnly?: true
  /** Told when its guest starts. */
  onBegin?(): void
  /** Told while its guest takes long: who waits behind it is to go elsewhere, if there is a place. */
  onSlow?(): void
  /** Gives the place back. */
  leave(state: Left): void
}

/** Where seats come from. A claim ends with a rejection when the execution's race is decided first. */
export interface Seats {
  /** Answers at once when a seat is free, so that a warm call waits for nothing. */
  claim(live: LiveExecution): Seat | Promise<Seat>
}
