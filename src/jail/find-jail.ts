import { RingfenceError } from '../core/errors.ts'
import type { MissingLayer } from '../core/isolation.ts'
import { rememberSuccess } from '../core/remember-success.ts'
import { withoutPaths } from '../core/without-paths.ts'
import { type Ground, groundFor } from './ground.ts'
import { landlockCommand, seccompCommand } from './landlock.ts'
import type { Bounds, JailedCommand, NodeCommand } from './launcher.ts'
import { HOST_NAMES, namespacesCommand } from './namespaces.ts'
import { NO_LIBRARIES } from './runtime-files.ts'
import { isFilterable } from './seccomp.ts'
import { systemTools, type Tools } from './tools.ts'
import { OVERDUE, tryJail } from './try-jail.ts'

/** The jails there are, from the strongest to the weakest. */
export const JAIL_KINDS = ['namespaces', 'landlock', 'seccomp'] as const
export type JailKind = (typeof JAIL_KINDS)[number]

/** Which jail children are put into: the strongest that this machine allows, that one and no other, or none. */
export const JAIL_CHOICES = ['auto', 'namespaces', 'landlock', 'seccomp', 'none'] as const
export type JailChoice = (typeof JAIL_CHOICES)[number]

/** A way to start Node children behind layers of the operating system, tried on this machine. */
export interface Jail {
  readonly kind: JailKind
  confine(node: NodeCommand, bounds: Bounds): JailedCommand
}

/** The jail to use, if there is one, and why those before it in strength are not used. */
export interface FoundJail {
  readonly jail: Jail | undefined
  readonly missing: readonly MissingLayer[]
}

/** Finds jails for children that import the packages named, and remembers what works here. */
export type JailFinder = (choice: JailChoice, packages: readonly string[]) => Promise<FoundJail>

/** Why a jail cannot be used. */
interface Against {
  readonly cause: string
  /** Whether this may be over at the next trial, and so says nothing of the jail. */
  readonly momentary: boolean
}

/** Answers why a jail cannot be used that is made in this of its kind's ways, if it cannot. */
type Trial = (jail: Jail, way: number) => Promise<Against | undefined>

/** What a machine says that has no room for one more process or file just now, which says nothing of a jail. */
const NO_ROOM =
  /\b(?:EMFILE|ENFILE|EAGAIN|ENOMEM|ENOSPC|EDQUOT)\b|Too many open files|Resource temporarily unavailable|Cannot allocate memory/

const against = (cause: string): Against => ({ cause, momentary: NO_ROOM.test(cause) })

/**
 * A finder that makes jails with these tools. Each way to make one is tried once, when it is first wanted, for as long as
 * patience lasts. Rejects with `RF_CARRIER_FAILED` when that cannot be done now: what is weaker must not be used for good
 * because of a moment. A jail that does not answer in time is judged when it does so a second time.
 */
export const jailFinder = (tools: Tools, patienceMs?: number): JailFinder => {
  const tried = new Map<string, Promise<Against | undefined>>()
  const overdue = new Set<string>()
  const grounds = new Map<string, () => Promise<Ground>>()
  const attempt = async (jail: Jail, name: string): Promise<Against | undefined> => {
    const cause = await tryJail(jail, patienceMs)
    if (cause === undefined) return undefined
    const judged = cause === OVERDUE ? { cause, momentary: !overdue.has(name) } : against(cause)
    if (cause === OVERDUE) overdue.add(name)
    if (judged.momentary) tried.delete(name)
    return judged
  }
  const trial: Trial = (jail, way) => {
    const name = `${jail.kind} ${way}`
    const judged = tried.get(name) ?? attempt(jail, name)
    tried.set(name, judged)
    return judged
  }
  return async (choice, packages) => {
    const key = packages.join(' ')
    const ground = grounds.get(key) ?? rememberSuccess(() => groundFor(packages, tools))
    grounds.set(key, ground)
    return find(choice, ground, tools, trial)
  }
}

let ofSystem: JailFinder | undefined

/** Finds jails with this system's own tools. */
export const findJail: JailFinder = (choice, packages) => {
  ofSystem ??= jailFinder(systemTools())
  return ofSystem(choice, packages)
}

const find = async (
  choice: JailChoice,
  ground: () => Promise<Ground>,
  tools: Tools,
  trial: Trial,
): Promise<FoundJail> => {
  const missing: MissingLayer[] = []
  const until = choice === 'auto' || choice === 'none' ? JAIL_KINDS.length : JAIL_KINDS.indexOf(choice) + 1
  for (const kind of JAIL_KINDS.slice(0, until)) {
    if (choice !== 'auto' && choice !== kind) {
      missing.push({ layer: kind, cause: `the option "jail" is "${choice}"`, fix: 'Set it to "auto"' })
      continue
    }
    const made = await firstThatWorks(await makeJails(kind, ground, tools), trial)
    if ('kind' in made) return { jail: made, missing }
    const { cause, momentary } = made
    if (momentary) {
      const attempt = `Cannot start a carrier: jail "${kind}" cannot be tried now`
      throw new RingfenceError('RF_CARRIER_FAILED', `${attempt}: ${withoutPaths(cause)}`)
    }
    missing.push({ layer: kind, cause, fix: fixFor(kind, tools, cause) })
  }
  return { jail: undefined, missing }
}

/** The jail to use, or why none is: what was said of the last one. */
const firstThatWorks = async (made: readonly Jail[] | string, trial: Trial): Promise<Jail | Against> => {
  if (typeof made === 'string') return against(made)
  let last = against('it does not work')
  for (const [way, jail] of made.entries()) {
    const judged = await trial(jail, way)
    if (judged === undefined) return jail
    last = judged
    if (judged.momentary) break
  }
  return last
}

/** Every way to make a jail of this kind, the best first, none of them tried yet; or why none can be made. */
const makeJails = async (
  kind: JailKind,
  standing: () => Promise<Ground>,
  { perl, bwrap }: Tools,
): Promise<readonly Jail[] | string> => {
  if (perl === undefined) return 'perl is not installed'
  if (kind === 'namespaces' && bwrap === undefined) return 'bubblewrap is not installed'
  try {
    const ground = await standing()
    if (kind === 'landlock') return [{ kind, confine: (node, bounds) => landlockCommand(ground, perl, node, bounds) }]
    if (kind === 'seccomp') return [{ kind, confine: (node, bounds) => seccompCommand(ground, perl, node, bounds) }]
    if (bwrap === undefined) return 'bubblewrap is not installed'
    return HOST_NAMES.map((hostName) => ({
      kind,
      confine: (node, bounds) => namespacesCommand(ground, { perl, bwrap, hostName }, node, bounds),
    }))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What the launcher says for want of the capabilities with which root makes a child another user, and ends it. */
const NOT_FULLY_ROOT = /leave the groups|become (group|user)|CAP_KILL/

/** What mends a layer that is missing: first what every jail needs, then what this one does. */
const fixFor = (kind: JailKind, { perl, bwrap, ldd }: Tools, cause: string): string => {
  if (process.platform !== 'linux') return 'Run on Linux'
  if (!isFilterable(process.arch)) return 'Run on x64 or arm64'
  if (perl === undefined) return 'Install perl (apt-get install perl-base, or apk add perl)'
  if (NOT_FULLY_ROOT.test(cause)) return 'Run as another user than root, or with SETUID, SETGID and KILL'
  if (kind === 'namespaces' && bwrap === undefined) {
    return 'Install bubblewrap (apt-get install bubblewrap, or apk add bubblewrap)'
  }
  if (ldd === undefined || cause === NO_LIBRARIES) {
    return 'Install ldd (apt-get install libc-bin, or apk add musl-utils), that of the C library of Node'
  }
  if (kind === 'namespaces') {
    return 'Allow unprivileged user namespaces; in a container, allow clone, unshare, mount, umount2 and pivot_root'
  }
  return kind === 'landlock'
    ? 'Use a kernel of 5.13 or later that starts with landlock among its security modules (lsm=)'
    : 'Use a kernel with seccomp filters, and a container profile that allows the system call seccomp'
}
