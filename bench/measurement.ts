import type { TierId } from '../src/index.ts'
import type { Row } from './row.ts'

/** How long to measure: long enough to believe, or just long enough to see that it works. */
export type Pace = 'full' | 'quick'

/** One thing that can be measured, as `--only` names it. */
export interface Measurement {
  readonly name: string
  readonly summary: string
  /** The tiers it is measured in, one after the other; one that concerns no tier is measured once, whatever `--tier` says. */
  readonly tiers: readonly TierId[] | 'none'
  measure(tier: TierId, pace: Pace): Promise<readonly Row[]>
}
