import type { TierId, Traits, Workload } from '../../src/core/types.ts'
import { PROMISED_BOUNDARY } from '../../src/policy/boundary.ts'
import type { Facts } from '../../src/policy/facts.ts'

export const TIER_IDS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']
export const WORKLOADS: readonly Workload[] = ['light', 'cpu']

/** Traits as a tier with this wall would state them. */
export function traitsOf(boundary: Traits['boundary'], syncFunctions: boolean): Traits {
  return {
    boundary,
    memory: 'polled',
    cpu: 'wall',
    preemptible: boundary !== 'realm',
    stopsBuiltins: boundary === 'process',
    syncFunctions,
  }
}

/** Tiers that keep what their names promise; those named in `sync` can wait for host functions. */
export function tiersNamed(ids: readonly TierId[], sync: readonly TierId[] = TIER_IDS): ReadonlyMap<TierId, Traits> {
  return new Map(ids.map((id) => [id, traitsOf(PROMISED_BOUNDARY[id], sync.includes(id))]))
}

export const ALL_TIERS: ReadonlyMap<TierId, Traits> = tiersNamed(TIER_IDS)

/** Facts of an ordinary small call, with what a test cares about put over them. */
export function facts(given: Partial<Facts> = {}): Facts {
  return {
    trust: 'untrusted',
    workload: 'light',
    functions: [],
    sourceBytes: 100,
    inputBytes: 10,
    tenant: 'default',
    ...given,
  }
}
