import type { MissingLayer } from '../core/isolation.ts'
import { type Ground, groundFor } from './ground.ts'
import { landlockCommand, seccompCommand } from './landlock.ts'
import type { Bounds, JailedCommand, NodeCommand } from './launcher.ts'
import { namespacesCommand } from './namespaces.ts'
import { systemTools, type Tools } from './tools.ts'
import { tryJail } from './try-jail.ts'

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

/** A finder that makes jails with these tools. Each kind is tried once, when it is first wanted; nothing rejects. */
export const jailFinder = (tools: Tools): JailFinder => {
  const tried = new Map<JailKind, Promise<string | undefined>>()
  const grounds = new Map<string, Promise<Ground>>()
  const causeAgainst = (jail: Jail): Promise<string | undefined> => {
    const cause = tried.get(jail.kind) ?? tryJail(jail)
    tried.set(jail.kind, cause)
    return cause
  }
  return async (choice, packages) => {
    const key = packages.join(' ')
    const ground = (): Promise<Ground> => {
      const standing = grounds.get(key) ?? groundFor(packages, tools)
      grounds.set(key, standing)
      return standing
    }
    return find(choice, ground, tools, causeAgainst)
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
  causeAgainst: (jail: Jail) => Promise<string | undefined>,
): Promise<FoundJail> => {
  const missing: MissingLayer[] = []
  const until = choice === 'auto' || choice === 'none' ? JAIL_KINDS.length : JAIL_KINDS.indexOf(choice) + 1
  for (const kind of JAIL_KINDS.slice(0, until)) {
    if (choice !== 'auto' && choice !== kind) {
      missing.push({ layer: kind, cause: `the option "jail" is "${choice}"`, fix: 'Set it to "auto"' })
      continue
    }
    const made = await makeJail(kind, ground, tools)
    const cause = typeof made === 'string' ? made : await causeAgainst(made)
    if (typeof made !== 'string' && cause === undefined) return { jail: made, missing }
    missing.push({ layer: kind, cause: cause ?? 'it does not work', fix: fixFor(kind, tools) })
  }
  return { jail: undefined, missing }
}

/** A jail of this kind, not tried yet, or why none can be made. */
const makeJail = async (
  kind: JailKind,
  standing: () => Promise<Ground>,
  { perl, bwrap }: Tools,
): Promise<Jail | string> => {
  if (perl === undefined) return 'perl is not installed'
  if (kind === 'namespaces' && bwrap === undefined) return 'bubblewrap is not installed'
  try {
    const ground = await standing()
    if (kind === 'landlock') return { kind, confine: (node, bounds) => landlockCommand(ground, perl, node, bounds) }
    if (kind === 'seccomp') return { kind, confine: (node, bounds) => seccompCommand(ground, perl, node, bounds) }
    if (bwrap === undefined) return 'bubblewrap is not installed'
    return { kind, confine: (node, bounds) => namespacesCommand(ground, { perl, bwrap }, node, bounds) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const fixFor = (kind: JailKind, { perl, bwrap }: Tools): string => {
  if (process.platform !== 'linux') return 'Run on Linux'
  if (perl === undefined) return 'Install perl (apt-get install perl-base)'
  if (kind === 'namespaces') {
    return bwrap === undefined
      ? 'Install bubblewrap (apt-get install bubblewrap)'
      : 'Allow unprivileged user namespaces; in a container, allow clone, unshare, mount, umount2 and pivot_root'
  }
  return kind === 'landlock'
    ? 'Use a kernel of 5.13 or later that starts with landlock among its security modules (lsm=)'
    : 'Use a kernel with seccomp filters, and a container profile that allows the system call seccomp'
}
