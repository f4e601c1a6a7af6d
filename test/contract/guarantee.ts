import type { Scene } from './scene.ts'

/** One test of a guarantee: its title is a sentence, and it throws when the guarantee does not hold. */
export interface Check {
  readonly title: string
  check(scene: Scene): Promise<void>
}

/** What every tier promises, as the README's table says it, and the tests that hold the tiers to it. */
export interface Guarantee {
  readonly row: string
  readonly checks: readonly Check[]
}

/** A row that does not hold in one tier, and what holds instead. */
export interface Deviation {
  readonly row: string
  /** What the table shows in place of a check mark. */
  readonly instead: string
  /** Why, in one sentence. */
  readonly reason: string
  /** Tests of what holds instead. */
  readonly checks: readonly Check[]
}
