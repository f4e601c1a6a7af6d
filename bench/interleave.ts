/** Takes the samples of one round. */
export type Round<Sample> = () => readonly Sample[] | Promise<readonly Sample[]>

/**
 * Takes rounds of several contenders in turn (A B A B …), after one round of each that does not count. Answers the
 * rounds of each contender, in the order of the contenders.
 */
export async function interleave<Sample>(
  contenders: readonly Round<Sample>[],
  rounds: number,
): Promise<readonly (readonly (readonly Sample[])[])[]> {
  const taken = contenders.map((): (readonly Sample[])[] => [])
  for (let round = -1; round < rounds; round += 1) {
    for (const [at, contender] of contenders.entries()) {
      const samples = await contender()
      if (round >= 0) taken[at]?.push(samples)
    }
  }
  return taken
}

/** Times calls made one after another, in milliseconds each. A call that answers at once is not awaited. */
export async function timeCalls(times: number, call: (n: number) => unknown): Promise<readonly number[]> {
  const samples: number[] = []
  for (let n = 0; n < times; n += 1) {
    const since = performance.now()
    const answer = call(n)
    if (answer instanceof Promise) await answer
    samples.push(performance.now() - since)
  }
  return samples
}

/** Keeps that many calls under way for a while, and makes at least as many. Answers how many ended per second. */
export async function callsPerSecond(inFlight: number, durationMs: number, call: () => unknown): Promise<number> {
  const since = performance.now()
  let ended = 0
  const keepCalling = async (): Promise<void> => {
    do {
      const answer = call()
      if (answer instanceof Promise) await answer
      ended += 1
    } while (performance.now() - since < durationMs)
  }
  await Promise.all(Array.from({ length: inFlight }, keepCalling))
  return (ended * 1000) / (performance.now() - since)
}
