import { describe, expect, test } from 'vitest'
import type { EvaluateOptions, Outcome } from '../../src/index.ts'
import { VARIANTS } from '../contract/scene.ts'
import { brief, shareSessions } from './session-scene.ts'

const COUNTER =
  'let n = 0; export const next = (by = 1) => (n += by); export const fail = () => { throw new Error("no") }'

describe.each(VARIANTS)('a session in %s', (variant) => {
  const shared = shareSessions(variant)
  const prompt = async (...texts: readonly (string | readonly [string, EvaluateOptions])[]): Promise<unknown[]> => {
    await using session = await shared().open()
    const outcomes: unknown[] = []
    for (const text of texts) {
      const [source, options] = typeof text === 'string' ? [text, {}] : text
      outcomes.push(brief((await session.evaluate(source, options)).outcome))
    }
    return outcomes
  }

  test('keeps the state of its program between calls, and goes on after what a call throws', async () => {
    await using session = await shared().open(COUNTER)
    const outcomes: unknown[] = []
    for (const [name, input] of [
      ['next', 2],
      ['fail', 0],
      ['next', 3],
      ['none', 0],
    ] as const) {
      outcomes.push(brief((await session.call(name, input)).outcome))
    }
    expect(outcomes).toEqual([
      2,
      'Error: no',
      5,
      'TypeError: Cannot call export "none": "program.ts" exports "next", "fail"',
    ])
    expect(session.usage()).toMatchObject({ calls: 4 })
    expect(session.state).toBe('idle')
  })

  test.each<[string, readonly string[], readonly unknown[]]>([
    ['let', ['let a = 1, b', 'a += 1; a', '[a, b]'], [undefined, 2, [2, undefined]]],
    ['const', ['const a = 1', 'a = 2', 'a'], [undefined, 'TypeError: Assignment to constant variable.', 1]],
    ['a new declaration', ['const a = 1', 'const a = 2', 'let a = a0 => a0; a.name'], [undefined, undefined, 'a']],
    [
      'var',
      ['for (var i = 0; i < 3; i++);', 'i', 'if (true) var j = i, k; var i; [i, j, k]'],
      [undefined, 3, [3, 3, undefined]],
    ],
    ['loops over var', ['for (var [k, v] of [[1, 2]]);', 'k + v', 'for (var p in { q: 1 }); p'], [undefined, 3, 'q']],
    ['function', ['f(); function f() { return f.name + typeof g } function g() {}', 'f()'], ['ffunction', 'ffunction']],
    [
      'a function that assigns to its name',
      ['function once() { once = 2; return 1 }', '[once(), once]'],
      [undefined, [1, 2]],
    ],
    ['functions of one name', ['function f() { return 1 } function f() { return 2 } f()', 'f()'], [2, 2]],
    [
      'generators and async functions',
      ['function* g() { yield 1 } async function h() { return 5 }', '[...g(), await h()]'],
      [undefined, [1, 5]],
    ],
    [
      'names of its functions',
      ['const k = class {}; let { a: { b = () => 1 } = {} } = {}', '[k.name, b.name]'],
      [undefined, ['k', 'b']],
    ],
    [
      'declarations within others',
      [
        'switch (1) { case 1: var z = 2 } lab: var y = 1; class P { static { var no = 1 } }',
        '[z, y, typeof no, (() => { var t = 1; return t })(), typeof t]',
      ],
      [undefined, [2, 1, 'undefined', 1, 'undefined']],
    ],
    ['namespaces', ['namespace N { export const v = 4 } declare const zz: number; type T = 1', 'N.v'], [undefined, 4]],
    ['class', ['class A { x = 1 } class B extends A {}', 'new B().x + B.name', 'B = 1; B'], [undefined, '1B', 1]],
    [
      'patterns',
      ['const { a, ...rest } = { a: 1, b: 2 }, [c = 3] = []', '[a, rest, c]'],
      [undefined, [1, { b: 2 }, 3]],
    ],
    [
      'await',
      ['const a = await Promise.resolve(20)', 'await 1 + a', 'await (async () => { throw new Error("x") })()'],
      [undefined, 21, 'Error: x'],
    ],
    ['a promise', ['Promise.resolve(6)'], [6]],
    [
      'TypeScript',
      ['interface A { x: number }\nenum E { One = 1 }\nlet a: A = { x: E.One }', 'a.x as number', 'E[1]'],
      [undefined, 1, 'One'],
    ],
    ['closures', ['let n = 1; const read = () => n', 'n = 5', 'read()'], [undefined, 5, 5]],
    ['blocks of their own', ['{ let inside = 1; inside }', 'typeof inside'], [1, 'undefined']],
    [
      'values of statements',
      ['if (true) 7; else 8', 'for (const x of [1, 2]) x * 2', '"use strict"', 'try { 1 } finally { 2 }'],
      [7, 4, 'use strict', 1],
    ],
    [
      'names not there yet',
      ['early; let early = 1', 'typeof never'],
      ["ReferenceError: Cannot access 'early' before initialization", 'undefined'],
    ],
    ['strict texts', ['"use strict"; const s = 1; this === undefined', 's'], [false, 1]],
    ['the web platform', ['const u = new URL("https://a.example/b?c=d")', 'u.searchParams.get("c")'], [undefined, 'd']],
    [
      'wrong texts',
      ['let = ;', 'return 1', 'import x from "y"', '1'],
      ['SyntaxError', 'SyntaxError', 'SyntaxError', 1],
    ],
  ])('evaluates texts one after the other: %s', async (_, texts, values) => {
    const outcomes = await prompt(...texts)
    expect(outcomes.map((one, at) => (values[at] === 'SyntaxError' ? String(one).slice(0, 11) : one))).toEqual(values)
  })

  test('shows texts what its program exports and imports, and what it was given', async () => {
    const functions = { price: (sku: string) => sku.length }
    await using session = await shared().open(COUNTER, {
      functions,
      modules: { './tax.ts': 'export const tax: number = 19' },
    })
    const outcomes: unknown[] = []
    for (const text of [
      'next(4)',
      'n',
      'const { price } = await import("host"); await price("abc")',
      '(await import("./tax.ts")).tax',
      '(await import("program.ts")).next(1)',
      'import("node:fs")',
    ]) {
      outcomes.push(brief((await session.evaluate(text)).outcome))
    }
    expect(outcomes).toEqual([
      4,
      'ReferenceError: n is not defined',
      3,
      19,
      5,
      'Error: Cannot find module "node:fs" imported from "program.ts"',
    ])
  })

  test('runs its calls one after the other, each with a receipt, logs and limits of its own', async () => {
    await using session = await shared().open()
    const receipts = await Promise.all([
      session.evaluate(
        'let log = []; await new Promise((done) => setTimeout(done, 20)); log.push(1); console.log("one")',
      ),
      session.evaluate('log.push(2); console.log("two"); log', { limits: { wallMs: 5000 } }),
      session.evaluate('log.push(3)', { limits: { wallMs: 2 ** 31 - 1 } }).catch((error: unknown) => error),
    ])
    expect(receipts[0].logs.map(({ text }) => text)).toEqual(['one'])
    expect(receipts[1]).toMatchObject({ outcome: { kind: 'returned', value: [1, 2] }, logs: [{ text: 'two' }] })
    expect(receipts[1].id).not.toBe(receipts[0].id)
    expect(receipts[2]).toSatisfy(
      (last) => last instanceof RangeError || (last as { outcome: Outcome }).outcome.kind === 'refused',
    )
  })

  test('is not seen by another session, nor by the host', async () => {
    const scene = shared()
    await using one = await scene.open()
    await using other = await scene.open()
    await one.evaluate('var secret = 1; globalThis.leak = 2; Array.prototype.leak = 3')
    const { outcome } = await other.evaluate('[typeof secret, typeof leak, [].leak]')
    expect(brief(outcome)).toEqual(['undefined', 'undefined', undefined])
    expect(([] as { leak?: unknown }).leak).toBeUndefined()
  })
})
