import type { TierId, Traits } from '../core/types.ts'
import { type Boundary, compareBoundaries, isAtLeast } from './boundary.ts'

/** Finds the tier with the weakest wall that is still strong enough and suits; nothing when there is none. */
export function weakestTier(
  tiers: ReadonlyMap<TierId, Traits>,
  needed: Boundary,
  suits: (traits: Traits) => boolean,
): TierId | undefined {
  let best: { readonly id: TierId; readonly boundary: Boundary } | undefined
  for (const [id, traits] of tiers) {
    const { boundary } = traits
    if (!isAtLeast(boundary, needed) || !suits(traits)) continue
    if (best === undefined || compareBoundaries(boundary, best.boundary) < 0) best = { id, boundary }
  }
  return best?.id
}
