import type { Scene, Variant } from '../contract/scene.ts'
import { expectedIn } from './deviations.ts'
import type { ParityProgram } from './program.ts'
import { goesTogether, observeFresh, observeTogether, observeWarm } from './tier-under-parity.ts'

/** A program that is seen to do something else than what was expected. */
export interface Difference {
  readonly program: string
  readonly expected: string
  readonly seen: string
}

/** So many programs run at a time, as in a host that serves; few enough for the clocks of two cores. */
const LANES = 3

/** What differs when each program runs in a sandbox of its own. */
export function differencesFresh(
  scene: Scene,
  variant: Variant,
  programs: readonly ParityProgram[],
): Promise<readonly Difference[]> {
  return inLanes(programs, async (program) => different(variant, program, [await observeFresh(scene, program)]))
}

/** What differs when programs are called twice in a sandbox that is kept: those that can be, all in one. */
export async function differencesWarm(
  scene: Scene,
  variant: Variant,
  programs: readonly ParityProgram[],
): Promise<readonly Difference[]> {
  const together = programs.filter(goesTogether)
  const alone = programs.filter((program) => program.again && !goesTogether(program))
  const seen = together.length === 0 ? [] : [...(await observeTogether(scene, together))]
  return [
    ...seen.flatMap(([program, calls]) => different(variant, program, calls)),
    ...(await inLanes(alone, async (program) => different(variant, program, await observeWarm(scene, program)))),
  ]
}

async function inLanes(
  programs: readonly ParityProgram[],
  look: (program: ParityProgram) => Promise<readonly Difference[]>,
): Promise<readonly Difference[]> {
  const queue = programs.values()
  const found: Difference[] = []
  const lane = async (): Promise<void> => {
    for (const program of queue) found.push(...(await look(program)))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return found
}

function different(variant: Variant, program: ParityProgram, calls: readonly string[]): readonly Difference[] {
  const expected = expectedIn(variant, program)
  const name = `${program.topic}: ${program.title}`
  return calls.flatMap((call) => (call.trim() === expected ? [] : [{ program: name, expected, seen: call.trim() }]))
}
