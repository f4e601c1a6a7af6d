import { RingfenceError } from '../core/errors.ts'
import type { MissingLayer } from '../core/isolation.ts'
import { findJail, type Jail, type JailChoice, type JailFinder } from '../jail/find-jail.ts'
import { DIE_WITH_PARENT } from './die-with-parent.ts'

/** Packages that a child with isolates in it imports, and one with the compiler. */
export const SERVING_PACKAGES: readonly string[] = ['isolated-vm', 'zod']
export const COMPILING_PACKAGES: readonly string[] = ['magic-string', 'oxc-parser', 'oxc-transform', 'zod']

/** What children are put behind, and what of it this machine lacks. */
export interface Wall {
  /** A command before Node's; empty where there is a jail. */
  readonly prefix: readonly string[]
  readonly jail: Jail | undefined
  /** Whether the kernel ends a child when the broker dies, so that a guest may have its only thread. */
  readonly diesWithParent: boolean
  /** Whether the prefix is a wall of the operator's own. */
  readonly foreign: boolean
  readonly missing: readonly MissingLayer[]
}

/**
 * Finds the jail that was chosen. Rejects with `RF_CARRIER_FAILED` when one was asked for by name and this machine has it
 * not: nothing weaker is started in its place.
 */
export const wallOf = async (
  choice: JailChoice,
  packages: readonly string[],
  find: JailFinder = findJail,
): Promise<Wall> => {
  const { jail, missing } = await find(choice, packages)
  if (jail !== undefined) return { prefix: [], jail, diesWithParent: true, foreign: false, missing }
  if (choice === 'auto' || choice === 'none') {
    return { prefix: DIE_WITH_PARENT, jail, diesWithParent: DIE_WITH_PARENT.length > 0, foreign: false, missing }
  }
  const why = missing.find(({ layer }) => layer === choice)
  const reason = why === undefined ? '' : `: ${why.cause}. ${why.fix}`
  throw new RingfenceError('RF_CARRIER_FAILED', `Cannot start a carrier: there is no jail "${choice}" here${reason}`)
}

/** A wall that is somebody else's: a command of the operator's, such as a container runtime. */
export const foreignWall = (prefix: readonly string[]): Wall => ({
  prefix,
  jail: undefined,
  // The child's parent is somebody else, so the child itself has to see the broker die.
  diesWithParent: false,
  foreign: true,
  missing: [],
})
