import { format } from 'node:util'
import { describe, expect, test } from 'vitest'
import { realmKinds } from './realms.ts'

interface Line {
  readonly level: string
  readonly text: string
}

const emitted = (calls: string): string => `(() => {
  const lines = []
  let time = 1000
  const logger = guest.createConsole((level, text) => { lines.push({ level, text }) }, () => time)
  ${calls}
  return JSON.stringify(lines)
})()`

describe.each(realmKinds)('the console in a $kind', ({ open }) => {
  const realm = open()
  const lines = (calls: string): Line[] => JSON.parse(realm.runWithin(emitted(calls), 10_000)) as Line[]
  const texts = (calls: string): string[] => lines(calls).map((line) => line.text)

  test('has the usual methods, each writing at its level', () => {
    const calls = `for (const name of ['debug', 'log', 'info', 'warn', 'error']) logger[name](name, 1)`
    expect(lines(calls)).toEqual(
      ['debug', 'log', 'info', 'warn', 'error'].map((level) => ({ level, text: `${level} 1` })),
    )
  })

  test('works without its object, as functions passed around do', () => {
    expect(texts(`const { log } = logger; log('a'); [1].forEach(logger.log)`)).toEqual(['a', '1 0 [ 1 ]'])
  })

  test('formats as util.format does', () => {
    const args = ['%s is %d years and %j', 'Bob', 42, { a: 1 }, [1, { b: { c: { d: 1 } } }]] as const
    expect(texts(`logger.log(...${JSON.stringify(args)})`)).toEqual([format(...args)])
  })

  test('indents groups, in all their lines', () => {
    const calls = `logger.group('outer'); logger.log('a\\nb'); logger.groupCollapsed(); logger.warn('c'); logger.groupEnd()
      logger.log('d'); logger.groupEnd(); logger.groupEnd(); logger.log('e')`
    expect(texts(calls)).toEqual(['outer', '  a\n  b', '    c', '  d', 'e'])
  })

  test('counts', () => {
    const calls = `logger.count(); logger.count('x'); logger.count(); logger.countReset(); logger.count(); logger.countReset('no')`
    expect(texts(calls)).toEqual(['default: 1', 'x: 1', 'default: 2', 'default: 1', "Count for 'no' does not exist"])
  })

  test('tells times', () => {
    const calls = `logger.time(); time += 1.5; logger.timeLog('default', 'so far'); time += 1998.5; logger.timeEnd()
      logger.timeEnd(); logger.time('a'); logger.time('a'); time += 90000; logger.timeEnd('a')`
    expect(texts(calls)).toEqual([
      'default: 1.5ms so far',
      'default: 2.000s',
      "No such label 'default' for console.timeEnd()",
      "Label 'a' already exists for console.time()",
      'a: 1:30.000 (m:ss.mmm)',
    ])
  })

  test('asserts only what is false', () => {
    const calls = `logger.assert(true, 'no'); logger.assert(0, 'value %d', 5); logger.assert(); logger.assert(null, { a: 1 })`
    expect(lines(calls)).toEqual([
      { level: 'error', text: 'Assertion failed: value 5' },
      { level: 'error', text: 'Assertion failed' },
      { level: 'error', text: 'Assertion failed { a: 1 }' },
    ])
  })

  test("traces the program's frames only", () => {
    expect(texts(`const here = () => logger.trace('at %s', 'x'); here()`)[0]).toMatch(
      /^Trace: at x\n {4}at here \(guest:program:\d+:\d+\)\n {4}at guest:program:\d+:\d+/,
    )
  })

  test('draws tables as Node does', () => {
    expect(texts(`logger.table([{ a: 1, b: 'x' }, { a: { deep: 1 }, c: true }, 5])`)[0]).toBe(
      [
        '┌─────────┬─────────────┬─────┬──────┬────────┐',
        '│ (index) │ a           │ b   │ c    │ Values │',
        '├─────────┼─────────────┼─────┼──────┼────────┤',
        "│ 0       │ 1           │ 'x' │      │        │",
        '│ 1       │ { deep: 1 } │     │ true │        │',
        '│ 2       │             │     │      │ 5      │',
        '└─────────┴─────────────┴─────┴──────┴────────┘',
      ].join('\n'),
    )
    expect(texts(`logger.table('no table'); logger.table(null)`)).toEqual(['no table', 'null'])
  })

  test('clears nothing and says nothing', () => {
    expect(lines('logger.clear(); logger.groupEnd()')).toEqual([])
  })

  test.each([
    'new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 2 } })',
    '(() => { const made = Proxy.revocable({}, {}); made.revoke(); return [made.proxy] })()',
    '{ toString() { throw 1 }, toJSON() { throw 1 }, valueOf() { throw 1 }, get [Symbol.toStringTag]() { throw 1 } }',
    'Object.defineProperty(() => 1, "name", { get() { throw 1 } })',
    'Object.defineProperty(new Error("x"), "stack", { get() { throw 1 } })',
    '(() => { let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep]; return deep })()',
  ])('does not throw for %s', (source) => {
    const calls = `const value = ${source}
      for (const name of Object.keys(logger)) logger[name](value, value)
      for (const letter of 'sdifjoOc') logger.log('%' + letter, value)`
    expect(lines(calls).length).toBeGreaterThan(10)
  })

  test.each([
    ['a long string', '"x".repeat(100000)'],
    ['a rope of 256 MB', '(() => { let s = "y"; for (let i = 0; i < 28; i++) s += s; return s })()'],
    ['such a rope in a structure', '[[(() => { let s = "y"; for (let i = 0; i < 28; i++) s += s; return s })()]]'],
    [
      'a wide tree',
      'Array.from({ length: 90 }, () => Array.from({ length: 90 }, () => Array.from({ length: 90 }, () => "text")))',
    ],
    ['a huge array', 'new Array(4294967295)'],
    ['many keys', 'Object.fromEntries(Array.from({ length: 50000 }, (_, index) => ["key" + index, index]))'],
    ['a huge bigint', '1n << 3000000n'],
    ['a class with a long name', '({ [Symbol("s".repeat(1e6))]: 1, ["k".repeat(1e6)]: 2 })'],
  ])('writes at most 64 Ki characters for %s', (_name, source) => {
    const written = lines(
      `const value = ${source}; logger.log(value); logger.log('%s %O', 'a', value); logger.log(value, value)`,
    )
    for (const { text } of written) expect(text.length).toBeLessThanOrEqual(65_536)
    expect(written).toHaveLength(3)
  })
})
