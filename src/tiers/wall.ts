import { RingfenceError } from '../core/errors.ts'
import type { MissingLayer } from '../core/isolation.ts'
import { type ControlGroup, openGroup, sweepGroups } from '../jail/control-group.ts'
import { findJail, type Jail, type JailChoice, type JailFinder } from '../jail/find-jail.ts'
import { findGvisor } from '../jail/gvisor.ts'
import type { Bounds } from '../jail/launcher.ts'
import { type OuterRuntime, prefixRuntime } from '../jail/outer-runtime.ts'
import type { Transport } from '../jail/pipe.ts'
import { systemTools, type Tools } from '../jail/tools.ts'
import type { ChildPlan } from './child.ts'
import { DIE_WITH_PARENT } from './die-with-parent.ts'

/** Packages that a child with isolates in it imports, and one with the compiler. */
export const SERVING_PACKAGES: readonly string[] = ['isolated-vm', 'zod']
export const COMPILING_PACKAGES: readonly string[] = ['magic-string', 'oxc-parser', 'oxc-transform', 'zod']

/** What children are put behind, and what of it this machine lacks. */
export interface Wall {
  /** A command before Node's; empty where there is a jail or a runtime. */
  readonly prefix: readonly string[]
  readonly jail: Jail | undefined
  /** Whether the kernel ends a child when the broker dies, so that a guest may have its only thread. */
  readonly diesWithParent: boolean
  /** A runtime that is a wall of the operator's own. */
  readonly outer?: OuterRuntime
  /** Opens a control group for one child, where the operator has delegated one for them. */
  readonly openGroup?: () => ControlGroup
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
  if (jail !== undefined) return { prefix: [], jail, diesWithParent: true, missing }
  if (choice === 'auto' || choice === 'none') {
    return { prefix: DIE_WITH_PARENT, jail, diesWithParent: DIE_WITH_PARENT.length > 0, missing }
  }
  const why = missing.find(({ layer }) => layer === choice)
  const reason = why === undefined ? '' : `: ${why.cause}. ${why.fix}`
  throw new RingfenceError('RF_CARRIER_FAILED', `Cannot start a carrier: there is no jail "${choice}" here${reason}`)
}

/** A wall that is somebody else's: a command of the operator's, such as a container runtime. */
export const foreignWall = (prefix: readonly string[], transport: Transport = 'descriptor'): Wall =>
  outerWall(prefixRuntime(prefix, transport))

/** Runtimes that ringfence itself knows how to start. */
export const RUNTIMES = ['gvisor'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

/** The wall of a runtime that was asked for by name. Rejects with `RF_CARRIER_FAILED` where this machine has it not. */
export const runtimeWall = async (
  name: RuntimeName,
  packages: readonly string[],
  tools: Tools = systemTools(),
): Promise<Wall> => {
  try {
    return outerWall(await findGvisor(packages, tools))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RingfenceError(
      'RF_CARRIER_FAILED',
      `Cannot start a carrier: there is no runtime "${name}" here: ${why}`,
      {
        cause,
      },
    )
  }
}

const outerWall = (outer: OuterRuntime): Wall => ({
  prefix: [],
  jail: undefined,
  // The child's parent is somebody else, so the child itself has to see the broker die.
  diesWithParent: false,
  outer,
  missing: [],
})

/**
 * Adds control groups below `delegated` to a wall. Rejects with `RF_CARRIER_FAILED` where that cannot be done: an operator
 * who names a group does not mean to do without.
 */
export const withGroups = async (found: Promise<Wall>, delegated: string | undefined): Promise<Wall> => {
  const wall = await found
  if (delegated === undefined) return wall
  try {
    if (wall.jail === undefined && wall.outer?.joinsGroups !== true) {
      throw new Error('only a jail puts its children into groups, and there is none here')
    }
    sweepGroups(delegated)
    await openGroup(delegated).remove()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RingfenceError('RF_CARRIER_FAILED', `Cannot start a carrier: its control group cannot be used: ${why}`, {
      cause,
    })
  }
  return { ...wall, openGroup: () => openGroup(delegated) }
}

/** How a child behind a wall is started, for a plan. The group is the child's, and goes with it. */
export const behind = (
  { prefix, jail, outer, openGroup: open }: Wall,
  bounds: Bounds,
): Pick<ChildPlan, 'prefix' | 'jailed' | 'outer' | 'group'> => {
  if (jail === undefined && outer === undefined) return { prefix }
  const group = open?.()
  const within = group === undefined ? bounds : { ...bounds, groups: [group.list] }
  return {
    prefix,
    ...(jail === undefined ? {} : { jailed: { jail, bounds: within } }),
    ...(outer === undefined ? {} : { outer: { runtime: outer, bounds: within } }),
    ...(group === undefined ? {} : { group }),
  }
}
