import { describe, expect, test } from 'vitest'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import { createBroker, prepare } from '../../src/index.ts'
import { isolateTier } from '../../src/tiers/isolate/tier.ts'
import { VARIANTS } from '../contract/scene.ts'
import { brief, openSessions, shareSessions } from './session-scene.ts'

describe.each(VARIANTS)('a hostile text in a session in %s', (variant) => {
  const shared = shareSessions(variant)

  test.each<[string, readonly string[], unknown]>([
    ['closes the function around it', ['})() }) + (() => { (async () => {'], /^SyntaxError/],
    ['returns from it', ['return arguments'], /^SyntaxError/],
    ['looks at what it was called with', ['arguments.length'], 'ReferenceError: arguments is not defined'],
    [
      'reaches the host by its names',
      ['__ringfence_names__.constructor === undefined && __ringfence_exports__.constructor === undefined'],
      true,
    ],
    [
      'hides an import',
      ['const load = "imp" + "ort"; await eval(load + "(\'node:fs\')")'],
      /Cannot find module "node:fs"/,
    ],
    [
      'imports by its own means',
      [
        'await import("node:fs").catch((e) => e.constructor.constructor === Function && e.constructor.constructor("return typeof process")())',
      ],
      'undefined',
    ],
    [
      'is shown no host',
      ['[typeof process, typeof require, typeof module, new Function("return typeof process")()].join()'],
      'undefined,undefined,undefined,undefined',
    ],
    [
      'poisons what reads texts',
      [
        'for (const name of ["then", "entry", "modules", "names", "run", "toJSON"]) Object.prototype[name] = () => 666; String.prototype.indexOf = () => 0; Object.keys = () => ["evil"]; Array.prototype[Symbol.iterator] = () => { throw 1 }; 1',
        'const a = 6; let b = 7; a * b',
      ],
      42,
    ],
    [
      'replaces eval',
      ['globalThis.eval = () => ({ entry: "x", modules: { x: { names: {}, run: () => 666 } } }); 1', '6 * 7'],
      42,
    ],
    [
      'takes the place of its names',
      ['__ringfence_names__[Symbol.unscopables] = { a: true }; var a = 1', 'typeof b'],
      'undefined',
    ],
    [
      'declares what only looks like a name of ours',
      ['let __proto__ = 1, constructor = 2, hasOwnProperty = 3', '[__proto__, constructor, hasOwnProperty].join()'],
      '1,2,3',
    ],
    [
      'calls on after it has returned',
      [
        'setTimeout(() => { globalThis.late = 1 }, 1); Promise.resolve().then(() => {}); 1',
        'await new Promise((done) => setTimeout(done, 20)); typeof late',
      ],
      'undefined',
    ],
    ['throws what is no error', ['throw { get message() { throw 1 } }', '1'], 1],
  ])('%s, in vain', async (_, texts, expected) => {
    await using session = await shared().open()
    let last: unknown
    for (const text of texts) last = brief((await session.evaluate(text)).outcome)
    const fits = expected instanceof RegExp ? expected.test(String(last)) : last === expected
    expect(fits, JSON.stringify(last)).toBe(true)
  })

  // It would be a fetch whose calls are made by the guest and not by the kernel.
  test('imports what the kernel calls the host with, in vain', async () => {
    await using session = await shared().open('', { fetch: { hosts: ['*'] } })
    expect(brief((await session.evaluate('typeof fetch')).outcome)).toBe('function')
    const text = `const tried = await Promise.all(['ringfence:web', 'ringfence:web/fetch', { toString: () => 'ringfence:web' }].map(
      (name) => import(name).catch(({ code }) => code)
    )); tried.join()`
    const missing = 'ERR_MODULE_NOT_FOUND'
    expect(brief((await session.evaluate(text)).outcome)).toBe(`${missing},${missing},${missing}`)
  })

  test('is not evaluated when policy asks for a stronger wall, refuses it, or blocks it', async () => {
    await using session = await shared().open('', { limits: { sourceBytes: 200 } })
    const long = await session.evaluate(`1 // ${'x'.repeat(300)}`)
    expect(long.outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('sourceBytes') })
    expect(brief((await session.evaluate('1')).outcome)).toBe(1)
  })
})

test('where policy refuses code from strings, texts of the host are evaluated all the same', async () => {
  const policy = { levels: { limited: { codeFromStrings: 'refuse' } } }
  await using broker = await createBroker({ policy })
  await using session = await broker.open('', { trust: 'limited' })
  expect(brief((await session.evaluate('const a = 6; a * 7')).outcome)).toBe(42)
  expect(brief((await session.evaluate('eval("a")')).outcome)).toMatch(/^EvalError/)
  expect(brief((await session.evaluate('(() => {}).constructor("return 1")()')).outcome)).toMatch(/^EvalError/)
})

test('a text that is blocked by its hash is not evaluated, and the session goes on', async () => {
  await using scene = await openSessions('vm')
  await using session = await scene.open()
  const text = 'globalThis.mined = true'
  const prepared = prepare(text, { kind: 'fragment', filename: 'evaluated.ts' })
  await scene.broker.block({ program: prepared.kind === 'ready' ? prepared.program.hash : '' }, 'known to be bad')
  expect((await session.evaluate(text)).outcome).toMatchObject({ kind: 'refused' })
  expect(brief((await session.evaluate('typeof mined')).outcome)).toBe('undefined')
})

test.each([
  ['untrusted', 'killed'],
  ['trusted', undefined],
] as const)('an idle session of %s code under memory pressure: %s', async (trust, ending) => {
  const limit = 1024 * 1024 * 1024
  const memory = { heapUsedBytes: 0, heapLimitBytes: limit, residentBytes: 0, machineBytes: limit }
  await using broker = createBrokerOf([isolateTier('process')], {}, undefined, undefined, () => memory)
  await using session = await broker.open('', { trust, tier: 'isolate' })
  await session.evaluate('let kept = 1')
  Object.assign(memory, { heapUsedBytes: limit * 0.88 })
  await broker.run('1', { trust: 'trusted', tier: 'isolate' })
  await expect.poll(() => broker.stats().pressure.level, { timeout: 10_000 }).toBe('high')
  const told = await (ending === 'killed' ? session.ended : session.evaluate('kept'))
  expect(told).toMatchObject(ending === 'killed' ? { kind: ending, by: 'pressure' } : { outcome: { value: 1 } })
})

test('a long text of untrusted code is compiled outside of the host, and evaluated', async () => {
  await using scene = await openSessions('isolate')
  await using session = await scene.open('', { trust: 'untrusted' })
  const text = `let total = 0\n${'total += 1\n'.repeat(400)}`
  expect(brief((await session.evaluate(text)).outcome)).toBe(400)
  expect(brief((await session.evaluate('('.repeat(100_000))).outcome)).toMatch(/^SyntaxError/)
  expect(brief((await session.evaluate('total')).outcome)).toBe(400)
})

test('a text that overwhelms the parser is kept from the host, however long it waits for its turn', async () => {
  await using broker = await createBroker()
  await using session = await broker.open(
    'export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))',
    { trust: 'limited' },
  )
  // Longer than the text may take in a compiler, and than its failure there is believed.
  const waiting = session.call('wait', 2500)
  const evaluated = session.evaluate(`${'a<'.repeat(400)}b;`.repeat(125))
  expect((await waiting).outcome.kind).toBe('returned')
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  const { outcome } = await evaluated
  clearInterval(timer)
  expect(outcome).toMatchObject({ kind: 'threw', error: { name: 'SyntaxError' } })
  expect(JSON.stringify(outcome)).toContain('takes the parser too long')
  expect(longest).toBeLessThan(10_000)
})

test('a session whose opening is aborted while its program is prepared elsewhere is not opened', async () => {
  await using broker = await createBroker()
  const aborter = new AbortController()
  const opening = broker.open(`export default () => 1 // ${'-'.repeat(300)}`, { signal: aborter.signal })
  aborter.abort(new Error('not wanted any more'))
  await expect(opening).rejects.toThrow('not wanted any more')
  expect(broker.stats().sessions).toEqual([])
})
