import { constants, createContext, Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { TRUST_LEVELS } from '../../src/core/trust.ts'
import { clockOf } from '../../src/tiers/guest-clock.ts'
import { guestText } from '../../src/tiers/guest-text.ts'
import { readBatch } from '../../src/tiers/records.ts'

interface Kernel {
  readonly load: (table: unknown, config: string) => void
  readonly enter: (message: string) => string
  readonly take: (uncaught: string) => string
}

/** A kernel in a realm whose engine tells the time that a test sets, in whole milliseconds. */
interface Timed {
  setTime(ms: number): void
  /** What a guest sees now. */
  now(): number
  /** How long the kernel asks to be left alone, with one timer of `ms` begun now. */
  wakeAfter(ms: number): number
}

const PROGRAM = `({ __proto__: null, entry: 'm', modules: { __proto__: null, m: { __proto__: null, kind: 'script',
  deps: { __proto__: null }, run: (input) => { globalThis.setTimeout(() => {}, input); return new Promise(() => {}) } } } })`

function timed(stepMs: number, key: readonly [number, number], runs = true): Timed {
  const context = createContext(constants.DONT_CONTEXTIFY, { microtaskMode: 'afterEvaluate' })
  const setUp = 'let time = 0; Date.now = () => time; delete globalThis.Temporal; (ms) => { time = ms }'
  const setTime = new Script(setUp).runInContext(context) as (ms: number) => void
  const kernel = new Script(guestText()).runInContext(context) as Kernel
  const now = new Script('() => Date.now()').runInContext(context) as () => number
  const ceilings = { outputBytes: 1000, logBytes: 1000, hostCalls: 1, functions: [] }
  kernel.load(new Script(PROGRAM).runInContext(context), JSON.stringify({ ...ceilings, clock: { stepMs, runs, key } }))
  return {
    setTime,
    now,
    wakeAfter: (ms) => {
      kernel.enter(`Cdefault\nJ[${ms}]`)
      return readBatch(kernel.take('')).wakeMs
    },
  }
}

const KEY = [0x12345678, 0x9abcdef0] as const
const START = 1_800_000_000_000

/** At which millisecond of each period the clock goes forward. */
function edges(clock: Timed, stepMs: number, periods: number): readonly number[] {
  const found: number[] = []
  let before = Number.NEGATIVE_INFINITY
  for (let ms = 0; ms < stepMs * periods; ms += 1) {
    clock.setTime(START + ms)
    const shown = clock.now()
    if (shown > before && before > 0) found.push(ms % stepMs)
    before = shown
  }
  return found
}

describe('a clock with steps', () => {
  it.each([5, 20, 100])('goes by %d ms, never back, never ahead, and never more than two steps behind', (stepMs) => {
    const clock = timed(stepMs, KEY)
    let before = 0
    for (let ms = 0; ms < 1000; ms += 1) {
      clock.setTime(START + ms)
      const shown = clock.now()
      expect(shown % stepMs).toBe(0)
      expect(shown).toBeGreaterThanOrEqual(before)
      expect(START + ms - shown).toBeGreaterThanOrEqual(0)
      expect(START + ms - shown).toBeLessThan(2 * stepMs)
      before = shown
    }
  })

  it('goes forward at another moment of each period, spread over all of it', () => {
    const found = edges(timed(20, KEY), 20, 400)
    expect(found.length).toBeGreaterThan(390)
    const mean = found.reduce((sum, edge) => sum + edge, 0) / found.length
    expect(mean).toBeGreaterThan(8)
    expect(mean).toBeLessThan(12)
    expect(new Set(found).size).toBe(20)
  })

  it('goes forward at moments that only who has the key can tell', () => {
    const found = edges(timed(20, KEY), 20, 100)
    expect(edges(timed(20, KEY), 20, 100)).toEqual(found)
    expect(edges(timed(20, [KEY[0], KEY[1] + 1]), 20, 100)).not.toEqual(found)
  })

  it('goes on from where it was when the clock of the machine is set back', () => {
    const clock = timed(5, KEY)
    clock.setTime(START + 1000)
    const shown = clock.now()
    clock.setTime(START - 3_600_000)
    expect(clock.now()).toBe(shown)
    clock.setTime(START - 3_600_000 + 50)
    expect(clock.now() - shown).toBeGreaterThanOrEqual(45)
    expect(clock.now() - shown).toBeLessThanOrEqual(55)
  })

  it('asks to be woken when it will show that a timer is due, and not before', () => {
    for (let ms = 0; ms < 400; ms += 17) {
      const clock = timed(20, KEY)
      clock.setTime(START + ms)
      const from = clock.now()
      const wakeMs = clock.wakeAfter(30)
      clock.setTime(START + ms + wakeMs - 1)
      expect(clock.now() - from).toBeLessThan(30)
      clock.setTime(START + ms + wakeMs)
      expect(clock.now() - from).toBeGreaterThanOrEqual(30)
    }
  })

  it('of one millisecond is the engine’s own', () => {
    const clock = timed(1, KEY)
    clock.setTime(START + 123)
    expect(clock.now()).toBe(START + 123)
    expect(clock.wakeAfter(30)).toBe(30)
  })

  it('does not run during a turn when it is not to', () => {
    const clock = timed(20, KEY, false)
    clock.setTime(START + 1000)
    const shown = clock.now()
    expect(START + 1000 - shown).toBeGreaterThan(900)
    clock.wakeAfter(1)
    expect(START + 1000 - clock.now()).toBeLessThan(40)
  })
})

describe('the clocks of the trust levels', () => {
  it('are never finer for code that is trusted less', () => {
    const steps = TRUST_LEVELS.map((trust) => clockOf(trust).stepMs)
    expect(steps).toEqual([1, 1, 5, 20])
    expect(clockOf('hostile').runs).toBe(false)
  })

  it('step at the same moments for every guest, so that many sandboxes read no finer than one', () => {
    expect(clockOf('untrusted').key).toEqual(clockOf('hostile').key)
    expect(clockOf('untrusted').key).not.toEqual([0, 0])
  })
})
