import type { Outcome } from '../core/types.ts'

/** Exit code of a command line that makes no sense, or names a file that cannot be read. */
export const BAD_USAGE = 2
/** Exit code when policy refused. */
export const REFUSED = 3
/** Exit code when the guest was killed, an impatient second Ctrl-C included. */
export const KILLED = 5
/** Exit code when the guest, or ringfence itself, came to an end nobody wanted. */
export const CRASHED = 6

const EXIT_CODES: Readonly<Record<Outcome['kind'], number>> = {
  returned: 0,
  threw: 1,
  refused: REFUSED,
  exceeded: 4,
  killed: KILLED,
  crashed: CRASHED,
}

/** The exit code that tells a shell how a program ended. */
export function exitCodeOf(outcome: Outcome): number {
  return EXIT_CODES[outcome.kind]
}
