import type { Variant } from '../contract/scene.ts'
import type { ParityProgram } from './program.ts'

/** A program that is seen to do something else in some tiers, and why that has to be. `docs/parity.md` lists each. */
export interface Deviation {
  readonly topic: string
  readonly title: string
  readonly variants: readonly Variant[]
  readonly seen: string
  readonly reason: string
}

/** Every deviation there is. A tier that no longer deviates makes the suite fail, so that the list stays true. */
export const DEVIATIONS: readonly Deviation[] = [
  {
    topic: 'errors',
    title: 'An unhandled rejection with a plain object',
    variants: ['isolate', 'isolate-inline', 'process'],
    seen: 'threw Thrown: [object that is no error], stack undefined',
    reason:
      'An isolate tells of an unhandled rejection by a copy that V8 makes of errors and of primitives alone, so nothing of a plain object is known.',
  },
]

/** What a program is expected to do in one tier. */
export function expectedIn(variant: Variant, { topic, title, expected }: ParityProgram): string {
  const deviation = DEVIATIONS.find(
    (one) => one.topic === topic && one.title === title && one.variants.includes(variant),
  )
  return deviation?.seen ?? expected
}
