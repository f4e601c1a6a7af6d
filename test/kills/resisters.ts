import type { Variant } from '../contract/scene.ts'

/** A guest that does not let go of what it has, once it has told the host that it runs. */
export interface Resister {
  readonly what: string
  readonly source: string
  /** It never gives its thread back by itself, so that in the vm tier nobody hears of a kill before its deadline. */
  readonly neverYields: boolean
  /** Its end may be that of the process it is in, and of every other guest in there. */
  readonly takesItsProcess?: true
}

const resister = (what: string, neverYields: boolean, body: string): Resister => ({
  what,
  neverYields,
  source: `import { started, tick, peek, picky, waitForever } from 'host'
export default async () => {
  await started()
  ${body}
}`,
})

/** Built-ins that no interrupt stops: one without end where its process can be killed, else one of a tenth of a second. */
const STUBBORN = "'a'.repeat(2 ** 14).lastIndexOf('a'.repeat(2 ** 13) + 'b'); await waitForever()"
const STUBBORN_FOR_EVER = 'return ((1n << 400_000_000n) - 1n).toString().length'

/** Every guest that resists in a tier. */
export function resistersOf(variant: Variant): readonly Resister[] {
  const endable = variant === 'isolate' || variant === 'process'
  return [
    resister('an endless loop', true, 'for (;;);'),
    resister('an endless loop of promises', true, 'for (;;) await null'),
    resister(
      'a loop that goes on in catch and finally',
      true,
      'for (;;) { try { try { throw 1 } catch { for (let n = 0; n < 1e9; n += 1); } } finally { continue } }',
    ),
    resister('a generator without end', true, 'for (const n of (function* () { for (;;) yield 1 })()) void n'),
    resister('a flood of lines', true, "for (;;) console.log('one more')"),
    resister('a flood of synchronous calls', true, 'for (;;) peek()'),
    resister(
      'rejections nobody handles',
      true,
      'for (let n = 0; n < 1000; n += 1) void Promise.reject(new Error()); for (;;);',
    ),
    {
      ...resister('a built-in that nothing stops', false, endable ? STUBBORN_FOR_EVER : STUBBORN),
      takesItsProcess: true,
    },
    resister(
      'an interval that calls and logs',
      false,
      "setInterval(() => { void tick(); console.log('still here') }, 1); await new Promise(() => {})",
    ),
    resister('calls that are refused', false, "for (;;) await picky('no number').catch(() => {})"),
    resister(
      'timers that set timers',
      false,
      'const again = () => { void tick(); setTimeout(again) }; again(); await new Promise(() => {})',
    ),
    resister('a call of the host without an answer', false, 'await waitForever()'),
    resister('a flood of calls', false, 'for (;;) await Promise.all(Array.from({ length: 50 }, () => tick()))'),
  ]
}
