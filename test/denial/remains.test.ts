import { expect, it } from 'vitest'
import { endsOf } from './enduring.ts'

/** Long enough for what ends at all: the deadline is 150 ms. */
const PATIENCE_MS = 2000

/**
 * What no guard reaches: syntax, and what is asked for too often for a guard. docs/threat-model.md says so, and policy keeps
 * code that means harm away from these tiers. Who finds a way to stop one of them moves it to what is guarded.
 */
const REMAINING = [
  ['keys of a text, by syntax', `({ ...Object('x'.repeat(2 ** 28)) })`],
  ['a walk over holes', `Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => {})`],
  ['a walk over the holes of a true array', `new Array(2 ** 32 - 1).every(() => true)`],
  ['a list of locales without end', `Intl.getCanonicalLocales({ length: 2 ** 53 - 1 })`],
] as const

it('holds the thread of a host of the tier vm for as long as it takes', { timeout: 60_000 }, async () => {
  const ends = await Promise.all(
    REMAINING.map(([title, body]) => endsOf('vm', [body], PATIENCE_MS).then((end) => [title, ...end])),
  )
  expect(ends).toEqual(REMAINING.map(([title]) => [title]))
})

it('holds a thread of the tier worker, which is given up', { timeout: 60_000 }, async () => {
  const bodies = REMAINING.slice(0, 2).map(([, body]) => body)
  expect(await endsOf('worker', bodies, 20_000)).toEqual(bodies.map(() => 'wallMs'))
})
