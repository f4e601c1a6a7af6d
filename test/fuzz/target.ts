import * as fc from 'fast-check'

/** One statement that must hold for whatever is generated. */
export interface Check {
  readonly title: string
  /** How many runs CI makes for each of its two seeds, and how many the command makes in one round. */
  readonly runs: number
  /** The statement as a property of fast-check, which generates, shrinks and replays. */
  readonly property: () => fc.IRawProperty<unknown>
}

/** One part of ringfence under fuzzing. Whoever uses it closes it. */
export interface Target {
  readonly name: string
  readonly checks: readonly Check[]
  /** Ends what the checks opened when they first ran. */
  readonly close?: () => Promise<void>
}

/** Where a round starts: all that it generates follows from it. */
export interface Start {
  readonly seed: number
  /** The way to one counterexample, from an earlier report. */
  readonly path?: string | undefined
  /** No further run starts after this long. */
  readonly withinMs?: number | undefined
}

/** What came of one round. */
export interface Round {
  readonly runs: number
  /** What failed, in words, and the way back to it. */
  readonly failure?: { readonly report: string; readonly path: string }
}

/** Runs one check from one seed. */
export async function runCheck(check: Check, { seed, path, withinMs }: Start): Promise<Round> {
  const details = await fc.check(check.property(), {
    seed,
    numRuns: check.runs,
    includeErrorInReport: true,
    ...(path !== undefined && { path }),
    ...(withinMs !== undefined && { plugins: [fc.interruptAfterTimeLimit(Math.max(1, withinMs))] }),
  })
  // Without a counterexample, what stopped it was the time given.
  if (!details.failed || details.counterexamplePath === null) return { runs: details.numRuns }
  const report = (await fc.asyncDefaultReportMessage(details)) ?? 'failed without a report'
  return { runs: details.numRuns, failure: { report, path: details.counterexamplePath } }
}
