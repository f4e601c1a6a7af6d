import type { TierId } from '../src/index.ts'
import { ratioOf, type Summary, summarize } from './statistics.ts'

/** What the figures of a row count. */
export type Unit = 'ms' | 'perSecond' | 'bytes'

/** A figure that was aimed at: the ratio to the raw mechanism, or a figure of our own. */
export interface Target {
  readonly of: 'ratio' | 'median' | 'p99'
  readonly bound: 'atMost' | 'atLeast'
  readonly value: number
}

/** A target and whether it was met. */
export interface Verdict extends Target {
  readonly met: boolean
}

/** A raw mechanism used by hand, and how it did. */
export interface RawFigures {
  readonly mechanism: string
  readonly figures: Summary
  /** Ours by theirs; absent where the figures may be around zero, so that none means anything. */
  readonly ratio?: number
}

/** One line of the table. */
export interface Row {
  readonly measurement: string
  readonly title: string
  readonly tier?: TierId
  readonly unit: Unit
  readonly ours: Summary
  readonly raw?: RawFigures
  readonly targets: readonly Verdict[]
}

type Rounds = readonly (readonly number[])[]

/** What was measured of one thing, ours and by hand. */
export interface Measured {
  readonly measurement: string
  readonly title: string
  readonly tier?: TierId
  readonly unit: Unit
  readonly ours: Rounds
  /** Targets that need no raw mechanism beside them. */
  readonly targets?: readonly Target[]
  readonly raws: readonly RawMeasured[]
}

interface RawMeasured {
  readonly mechanism: string
  readonly rounds: Rounds
  /** Targets for the ratio to it. */
  readonly targets?: readonly Target[]
  /** Whether a ratio to it says something; it does when not given. */
  readonly comparable?: boolean
}

/** One row for each raw mechanism, or one alone when there is none to compare with. */
export function rowsOf({ measurement, title, tier, unit, ours, targets = [], raws }: Measured): readonly Row[] {
  const figures = summarize(ours)
  const head = { measurement, title, ...(tier !== undefined && { tier }), unit, ours: figures }
  if (raws.length === 0) return [{ ...head, targets: targets.map((target) => judge(target, figures, undefined)) }]
  return raws.map(({ mechanism, rounds, targets: relative = [], comparable = true }, at) => {
    const ratio = comparable ? ratioOf(ours, rounds) : undefined
    const own = at === 0 ? targets : []
    return {
      ...head,
      raw: { mechanism, figures: summarize(rounds), ...(ratio !== undefined && { ratio }) },
      targets: [...relative, ...own].map((target) => judge(target, figures, ratio)),
    }
  })
}

function judge(target: Target, ours: Summary, ratio: number | undefined): Verdict {
  const figure = target.of === 'ratio' ? ratio : ours[target.of]
  if (figure === undefined) throw new Error('Cannot judge a target: there is nothing to take a ratio to')
  return { ...target, met: target.bound === 'atMost' ? figure <= target.value : figure >= target.value }
}

/** A ratio to the raw mechanism that should not be passed. */
export const ratioAtMost = (value: number): Target => ({ of: 'ratio', bound: 'atMost', value })
/** A ratio to the raw mechanism that should be reached. */
export const ratioAtLeast = (value: number): Target => ({ of: 'ratio', bound: 'atLeast', value })
