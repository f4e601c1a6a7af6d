import type { IsolationLevel } from '../core/types.ts'

/** What the canary tries inside a wall, as a guest would that has broken out of its isolate. */
export const ATTEMPTS = [
  'read',
  'list',
  'stat',
  'environment',
  'write',
  'spawn',
  'tcp',
  'udp',
  'unix',
  'listen',
  'signal',
  'processes',
  'allocate',
  'kernel',
] as const
export type Attempt = (typeof ATTEMPTS)[number]

/** What was seen to be denied. Whatever is not in it was allowed, or could not be tried, which counts as allowed. */
export type Denied = ReadonlySet<Attempt>

/** Nothing outside is reached, started or signalled. */
const BASIC: readonly Attempt[] = ['tcp', 'udp', 'unix', 'listen', 'signal', 'spawn', 'kernel']
/** And nothing of the machine is read or changed. */
const GOOD: readonly Attempt[] = [...BASIC, 'read', 'list', 'environment', 'write']
/** And not even that there is anything can be seen. */
const STRONG: readonly Attempt[] = [...GOOD, 'stat', 'processes']

/** What is harmless in a wall that somebody else made: its programs and its kernel are its own. */
const OWN_AFFAIRS: readonly Attempt[] = ['spawn', 'kernel']

/** How strong a wall is by what it denied. `foreign` for a runtime of the operator's around the child. */
export const levelOf = (denied: Denied, foreign: boolean): IsolationLevel => {
  const holds = (needed: readonly Attempt[]): boolean =>
    needed.every((attempt) => denied.has(attempt) || (foreign && OWN_AFFAIRS.includes(attempt)))
  if (holds(STRONG)) return 'strong'
  if (holds(GOOD)) return 'good'
  return holds(BASIC) ? 'basic' : 'none'
}
