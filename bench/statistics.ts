/** What the samples of several rounds come to. */
export interface Summary {
  /** The median of the rounds' medians: a round that something else disturbed moves it little. */
  readonly median: number
  /** Of all samples together. */
  readonly p50: number
  readonly p99: number
  readonly rounds: number
  readonly samples: number
}

/** The value below or at which that share of the samples lies (nearest rank: always one of the samples). */
export function percentile(samples: readonly number[], share: number): number {
  if (!(share > 0 && share <= 1)) throw new RangeError(`Cannot take a percentile: ${share} is not above 0 and up to 1`)
  const sorted = Float64Array.from(samples).toSorted()
  const value = sorted[Math.ceil(share * sorted.length) - 1]
  if (value === undefined) throw new RangeError('Cannot take a percentile: there are no samples')
  return value
}

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = Float64Array.from(samples).toSorted()
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('Cannot take a median: there are no samples')
  return (lower + upper) / 2
}

/** Sums up the samples of several rounds. */
export function summarize(rounds: readonly (readonly number[])[]): Summary {
  const samples = rounds.flat()
  return {
    median: median(rounds.map(median)),
    p50: percentile(samples, 0.5),
    p99: percentile(samples, 0.99),
    rounds: rounds.length,
    samples: samples.length,
  }
}

/**
 * How many times `theirs` goes into `ours`: the median over the rounds of each round's own ratio, since what disturbs a
 * noisy machine lasts longer than a round and hits both sides of it.
 */
export function ratioOf(ours: readonly (readonly number[])[], theirs: readonly (readonly number[])[]): number {
  if (ours.length !== theirs.length) {
    throw new RangeError(
      `Cannot take a ratio: there are ${ours.length} rounds on one side and ${theirs.length} on the other`,
    )
  }
  return median(ours.map((round, at) => median(round) / median(theirs[at] ?? [])))
}
