import vm from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { load, ready } from './bare-realm.ts'

/** What V8 says, in a realm of its own; functions by their name. */
const byEngine = (source: string): unknown => shown(() => vm.runInNewContext(source, { log: [] }))
const byUs = (source: string): unknown => shown(() => load(ready(source, { filename: 'program.js', kind: 'script' })))

const shown = (run: () => unknown): unknown => {
  try {
    const value = run()
    return typeof value === 'function' ? `a function called "${value.name}"` : value
  } catch (error) {
    return `thrown: ${String(error)}`
  }
}

describe('the value of a script', () => {
  it.each([
    ['1; 2'],
    ['1; var x = 2'],
    ['1; {}'],
    ['1; ;'],
    ['1; function f() {}'],
    ['1; class A {}'],
    ['1; if (true) { 2 } else { 3 }'],
    ['1; if (false) { 2 } else { 3 }'],
    ['1; if (false) { 2 }'],
    ['1; if (true) {}'],
    ['for (let i = 0; i < 3; i++) i'],
    ['1; for (let i = 0; i < 0; i++) i'],
    ['for (const i of [1, 2]) if (i === 1) 5'],
    ['for (const i of [1, 2]) l: if (i === 1) 5'],
    ['for (const i of [1, 2]) for (const j of []) 5'],
    ['for (const i of [1, 2]) { i; if (i === 2) continue }'],
    ['for (const k in { a: 1 }) k'],
    ['let i = 0; while (i < 2) { i++; i * 10 }'],
    ['let i = 0; do i++; while (i < 3) 7'],
    ['let i = 0; do { i++ } while (i < 3)'],
    ['1; while (true) { 2; if (true) break }'],
    ['1; while (true) { 2; break }'],
    ['1; l: { 2; break l }'],
    ['1; l: { break l }'],
    ['l: for (;;) { for (;;) { 3; break l } }'],
    ['for(;;)if(1){4;break}if(0)5'],
    ['if(1)6\nelse 7'],
    ['1; try { 2 } catch { 3 }'],
    ['1; try { 2; throw 0 } catch { }'],
    ['1; try { 2; throw 0 } catch { 3 }'],
    ['1; try { 2 } finally { 3 }'],
    ['1; try { } finally { 3 }'],
    ['1; l: try { 2 } finally { 3; break l }'],
    ['1; l: try { 2 } finally { break l }'],
    ['1; try { try { 2 } finally { 3 } } finally { 4 }'],
    ['switch (1) { case 1: 2; case 3: }'],
    ['1; switch (1) { }'],
    ['1; switch (1) { case 1: break }'],
    ['switch (2) { case 1: 1; default: 9 }'],
    ['1; with ({ a: 2 }) a'],
    ['1; with ({ a: 2 }) {}'],
    ['"use strict"'],
    [`'use strict'\n'it\\'s'`],
    ['(function () {})'],
    ['() => 1'],
    ['(class {})'],
    ['(function named() {})'],
    ['1, 2'],
    ['var a = 3; a\n++\na'],
    ['[1, 2].map((x) => { x; return x * 2 }).join()'],
    ['`a${1 + 1}`'],
    ['({ a: 1 }).a'],
    ['{ 1; { 2 } 3 }'],
    ['1; debugger'],
    ['throw new TypeError("no")'],
    ['eval("1; 2")'],
    [''],
    ['var __ringfence_value__; 5'],
  ])('is the one V8 gives for: %s', (source) => {
    expect(byUs(source)).toEqual(byEngine(source))
  })

  it('is the one V8 gives for any nesting of statements', () => {
    fc.assert(
      fc.property(program, (source) => {
        expect(byUs(source)).toEqual(byEngine(source))
      }),
      { numRuns: 500 },
    )
  })
})

// Nothing here throws: V8 sometimes keeps the value of a `try` that threw, where the language says `undefined`.
const { statements } = fc.letrec<{ statement: string; statements: string }>((tie) => {
  const body = tie('statements').map((list) => `{ ${list} }`)
  const one = fc.oneof(tie('statement'), body)
  return {
    statements: fc.array(tie('statement'), { maxLength: 4 }).map((list) => list.join(' ')),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.nat(99).map((n) => `${n};`),
      fc.constantFrom(
        ';',
        'var v = 1;',
        'if (turn === 1) break;',
        'if (turn === 0) continue;',
        'break;',
        'break outer;',
      ),
      body,
      one.map((then) => `if (turn > 0) ${then}`),
      fc.tuple(body, one).map(([then, other]) => `if (turn < 1) ${then} else ${other}`),
      one.map((each) => `for (const i of [1, 2]) ${each}`),
      one.map((each) => `do ${each} while (turn < 0);`),
      body.map((inner) => `lonely: ${inner}`),
      fc.tuple(body, body).map(([tried, caught]) => `try ${tried} catch ${caught}`),
      fc.tuple(body, body).map(([tried, last]) => `try ${tried} finally ${last}`),
      fc
        .tuple(tie('statements'), tie('statements'))
        .map(([first, second]) => `switch (turn) { case 0: ${first} default: ${second} }`),
    ),
  }
})

// Every `break` and `continue` has a loop to act on, which ends by itself. A label may be used once on the way down.
const program = statements
  .map((list) => `outer: for (const turn of [0, 1]) { ${list} }`)
  .filter((source) => !/lonely:.*lonely:/.test(source))
