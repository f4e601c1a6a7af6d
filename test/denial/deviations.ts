import type { Variant } from '../contract/scene.ts'
import type { Attack } from './attack.ts'

/** Attacks that end otherwise in one tier, and why. */
export interface Deviation {
  readonly titles: readonly string[]
  readonly reason: string
  /** How they end there instead; `never` is not tried. */
  readonly ends: Attack['ends'] | 'never'
}

/** Built-ins that walk from index to index of an array of nothing, for which they call nobody. */
const WALKS: readonly string[] = [
  'an array of nothing, copied and changed',
  'an array of nothing, cut',
  'an array of nothing, filtered',
  'an array of nothing, flattened',
  'an array of nothing, mapped',
  'an array of nothing, moved within itself',
  'an array of nothing, shifted',
  'an array of nothing, spliced',
  'an array of nothing, turned round',
]

const walksInside = (whose: string): Deviation => ({
  titles: WALKS,
  reason: `the built-in looks at no interrupt, and nothing but the end of its process stops it, which is ${whose}`,
  ends: 'never',
})

/** What each tier does not hold to. */
export const DEVIATIONS: Readonly<Record<Variant, readonly Deviation[]>> = {
  vm: [
    walksInside("the host's"),
    {
      titles: ['a buffer that no machine has room for'],
      reason: "the engine collects the host's whole heap, again and again, before it says no",
      ends: 'never',
    },
  ],
  worker: [walksInside("the host's")],
  isolate: [],
  'isolate-inline': [walksInside("the host's")],
  process: [],
}
