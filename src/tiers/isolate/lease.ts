import type { Guest } from '../../core/sandbox.ts'
import type { IsolateHost } from '../isolate-host.ts'

/**
 * Who may share an isolate host. `trust`: guests of one level of trust. `tenant`: guests of one tenant and one level.
 * `none`: nobody; each sandbox has a host of its own.
 */
export type Sharing = (typeof SHARINGS)[number]
export const SHARINGS = ['trust', 'tenant', 'none'] as const

/** Isolates one host may hold: V8 aborts a process of some 4,000, and each costs about a megabyte. */
const MAX_SANDBOXES = 200

/**
 * A host and whom it is for. A host that ran a guest of one key never runs one of another: what an attacker left in the
 * process, or what its memory still holds, would meet the next tenant there.
 */
export interface Lease {
  readonly host: IsolateHost
  /** Absent while it stands ready for whoever comes next. */
  key: string | undefined
  /** Sandboxes promised and not yet known to its relay. */
  opening: number
  emptySince: number
}

/** Guests of one key may share a host, and a compiler. */
export const keyOf = ({ trust, tenant }: Pick<Guest, 'trust' | 'tenant'>, sharing: Sharing, nth: number): string => {
  if (sharing === 'none') return `${nth}`
  return sharing === 'trust' ? trust : JSON.stringify([trust, tenant])
}

/** Whether nobody is in it or on the way to it. */
export const isEmpty = ({ host, opening }: Lease): boolean => opening === 0 && host.relay.size === 0

/** The least busy of the hosts of this key that has room, but for `avoid`, and how many hosts the key has. */
export const leastBusy = (
  leases: Iterable<Lease>,
  key: string,
  avoid?: Lease,
): { readonly best: Lease | undefined; readonly count: number } => {
  let best: Lease | undefined
  let count = 0
  for (const lease of leases) {
    if (lease.key !== key) continue
    count += 1
    if (lease === avoid) continue
    if (lease.host.relay.size + lease.opening >= MAX_SANDBOXES) continue
    if (best === undefined || load(lease) < load(best)) best = lease
  }
  return { best, count }
}

/** A host that nobody has had yet. */
export const freshOf = (leases: Iterable<Lease>): Lease | undefined => {
  for (const lease of leases) if (lease.key === undefined) return lease
  return undefined
}

/** The empty host that has been of no use for longest to anybody but the given keys. */
export const emptiestOf = (leases: Iterable<Lease>, keys: ReadonlySet<string>): Lease | undefined => {
  let oldest: Lease | undefined
  for (const lease of leases) {
    if (lease.key === undefined || keys.has(lease.key) || !isEmpty(lease)) continue
    if (oldest === undefined || lease.emptySince < oldest.emptySince) oldest = lease
  }
  return oldest
}

const load = ({ host: { relay }, opening }: Lease): number => (relay.busy + opening) * MAX_SANDBOXES + relay.size
