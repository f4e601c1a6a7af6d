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
  /** How many cases were let off, by why, since this process began. */
  readonly exempted?: () => Readonly<Record<string, number>>
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
  /** Asked before each case: once it says so, no further one runs. */
  readonly isOver?: (() => boolean) | undefined
  readonly watch?: Watch | undefined
}

/** Who is told of each case, before it runs and once it ended, so that a case which never ends is known. */
export interface Watch {
  began(value: string, path: string): void
  held(): void
  failed(why: string): void
}

/** What came of one round. */
export interface Round {
  readonly runs: number
  /** What failed, in words, and the way back to it. */
  readonly failure?: { readonly report: string; readonly path: string }
}

/** The case that failed last, and the number of the next that is tried from there. */
class Way {
  #before: readonly string[]
  #next: number

  constructor(path = '0') {
    const parts = path.split(':')
    this.#before = parts.slice(0, -1)
    this.#next = Number(parts.at(-1))
  }

  /** The path to the next case. */
  step(): string {
    return [...this.#before, String(this.#next++)].join(':')
  }

  /** The case at a path failed: what follows is made smaller from it. */
  descend(path: string): void {
    this.#before = path.split(':')
    this.#next = 0
  }
}

/** Some values are made to throw at whoever looks at them; their path leads back to them all the same. */
function shown(value: unknown): string {
  try {
    return fc.stringify(value)
  } catch (error) {
    return `a value that cannot be shown: ${String(error)}`
  }
}

/** Tells of each case, and passes over all cases once it is over. */
function watched(property: fc.IRawProperty<unknown>, { path, watch, isOver }: Start): fc.IRawProperty<unknown> {
  const way = new Way(path)
  type Failure = Awaited<ReturnType<typeof property.run>>
  const tell = (at: string, failure: Failure): Failure => {
    if (failure === null || 'interruptExecution' in failure || !('error' in failure)) watch?.held()
    else {
      watch?.failed(failure.error instanceof Error ? failure.error.message : String(failure.error))
      way.descend(at)
    }
    return failure
  }
  const over = new fc.PreconditionFailure(true)
  return Object.assign(Object.create(property) as typeof property, {
    run: (value: unknown) => {
      if (isOver?.() === true) return property.isAsync() ? Promise.resolve(over) : over
      const at = way.step()
      watch?.began(shown(value), at)
      const result = property.run(value)
      return result instanceof Promise ? result.then((failure) => tell(at, failure)) : tell(at, result)
    },
  })
}

/** Runs one check from one seed. */
export async function runCheck(check: Check, { seed, path, withinMs, isOver, watch }: Start): Promise<Round> {
  const property = check.property()
  const isWatched = watch !== undefined || isOver !== undefined
  const details = await fc.check(isWatched ? watched(property, { seed, path, isOver, watch }) : property, {
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
