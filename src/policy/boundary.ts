import type { TierId, Traits } from '../core/types.ts'

/** The kind of wall around a guest. */
export type Boundary = Traits['boundary']

/** Walls from the weakest to the strongest. */
export const BOUNDARIES: readonly ['realm', 'thread', 'isolate', 'process'] = ['realm', 'thread', 'isolate', 'process']

const STRENGTH: Readonly<Record<Boundary, number>> = { realm: 0, thread: 1, isolate: 2, process: 3 }

/**
 * The wall each tier promises by its name. Documents are checked against it, since they are read before any tier
 * exists; a decision then asks the tier's own traits, so that a tier which promises less than its name is passed over.
 */
export const PROMISED_BOUNDARY: Readonly<Record<TierId, Boundary>> = {
  vm: 'realm',
  worker: 'thread',
  isolate: 'isolate',
  process: 'process',
}

/** The tier that gives a wall of this kind and no stronger one. */
export const TIER_BEHIND: Readonly<Record<Boundary, TierId>> = {
  realm: 'vm',
  thread: 'worker',
  isolate: 'isolate',
  process: 'process',
}

/** Compares two walls: negative when `a` is the weaker one. */
export function compareBoundaries(a: Boundary, b: Boundary): number {
  return STRENGTH[a] - STRENGTH[b]
}

/** Whether `wall` holds whatever `needed` would hold. */
export function isAtLeast(wall: Boundary, needed: Boundary): boolean {
  return compareBoundaries(wall, needed) >= 0
}

/** The stronger of two walls. */
export function strongerOf(a: Boundary, b: Boundary): Boundary {
  return isAtLeast(a, b) ? a : b
}
