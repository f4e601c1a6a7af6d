import { describe, expect, test } from 'vitest'
import { realmKinds } from './realms.ts'

interface ThrownText {
  readonly name: string
  readonly message: string
  readonly stack?: string
}

const stackOf = (source: string): string => `(() => { try { ${source} } catch (error) { return error.stack } })()`

describe.each(realmKinds)('what is thrown in a $kind', ({ open }) => {
  const realm = open()
  const describeSource = (source: string): ThrownText =>
    JSON.parse(realm.runWithin(`JSON.stringify(guest.describeThrown(${source}))`, 5000)) as ThrownText

  test('is described by name, message and stack', () => {
    const text = describeSource('new TypeError("bad")')
    expect(text).toMatchObject({ name: 'TypeError', message: 'bad' })
    expect(text.stack).toMatch(/^TypeError: bad\n {4}at guest:program:1:\d+$/)
  })

  test('has the name that its class gave it', () => {
    expect(describeSource('new (class MyError extends Error { name = "MyError" })("x")')).toMatchObject({
      name: 'MyError',
    })
  })

  test.each([
    ['null', { name: 'Thrown', message: 'null' }],
    ['undefined', { name: 'Thrown', message: 'undefined' }],
    ['"text"', { name: 'Thrown', message: "'text'" }],
    ['Symbol("s")', { name: 'Thrown', message: 'Symbol(s)' }],
    ['10n', { name: 'Thrown', message: '10n' }],
    ['({ code: 5 })', { name: 'Thrown', message: '{ code: 5 }' }],
    ['() => 1', { name: 'Thrown', message: '[Function (anonymous)]' }],
    ['({ name: "Mine", message: "m" })', { name: 'Mine', message: 'm' }],
    ['Object.create(null)', { name: 'Thrown', message: '[Object: null prototype] {}' }],
  ])('may be anything: %s', (source, expected) => {
    expect(describeSource(source)).toEqual(expected)
  })

  test.each([
    'Object.defineProperty(new Error("x"), "message", { get() { throw 1 } })',
    'Object.defineProperty(new Error("x"), "name", { get() { throw null } })',
    'Object.defineProperty(new Error("x"), "stack", { get() { throw new Error("again") } })',
    'Object.assign(new Error("x"), { message: { toString() { throw 1 } } })',
    'new Proxy(new Error("x"), { get() { throw 1 }, getPrototypeOf() { throw 2 } })',
    'new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 }, getOwnPropertyDescriptor() { throw 3 } })',
    '(() => { const made = Proxy.revocable({}, {}); made.revoke(); return made.proxy })()',
    '(() => { const made = Proxy.revocable(() => 1, {}); made.revoke(); return made.proxy })()',
    '({ get name() { throw 1 }, get message() { throw 1 }, get [Symbol.toStringTag]() { throw 1 } })',
    '(() => { const cycle = {}; cycle.self = cycle; return cycle })()',
    'Object.setPrototypeOf(new Error("x"), null)',
  ])('cannot throw again while it is described: %s', (source) => {
    const { name, message } = describeSource(source)
    expect([typeof name, typeof message]).toEqual(['string', 'string'])
  })

  test.each(['name', 'message', 'stack'])('cannot make its %s long', (key) => {
    const ropes = [
      '"x".repeat(20000)',
      '"x".repeat(2 ** 28)',
      '(() => { let s = "y"; for (let i = 0; i < 28; i++) s += s; return s })()',
    ]
    for (const rope of ropes) {
      const text = describeSource(`Object.defineProperty(new Error("x"), "${key}", { value: ${rope} })`)
      expect(text.name.length).toBeLessThanOrEqual(256)
      expect(text.message.length).toBeLessThanOrEqual(8192)
      expect(text.stack?.length ?? 0).toBeLessThanOrEqual(16_384)
    }
  })

  test('is described even with the stack exhausted', () => {
    const probe = `(() => {
      let last = ''
      const dive = () => { try { dive() } catch (error) { last = guest.describeThrown(error).name } }
      dive()
      return last
    })()`
    expect(['RangeError', 'Error']).toContain(realm.run(probe))
  })
})

describe.each(realmKinds)('stacks in a $kind', ({ open }) => {
  const realm = open()

  test('show the frames of the program and nothing of the kernel', () => {
    expect(realm.run(stackOf('guest.encodeData({ get a() { throw new Error("in getter") } }, 100)'))).toMatch(
      /^Error: in getter\n {4}at get a \(guest:program:1:\d+\)\n {4}at guest:program:1:\d+\n {4}at guest:program:1:\d+$/,
    )
  })

  test('show constructors, methods and natives between as V8 does', () => {
    const stack = realm.run(stackOf('class A { constructor() { [1].map(() => { throw new Error("x") }) } } new A()'))
    expect(stack).toMatch(/at guest:program:1:\d+\n {4}at new A \(guest:program:1:\d+\)/)
  })

  test('keep "async" where a function waited', () => {
    realm.run(`globalThis.seen = ''; (async () => {
      const inner = async () => { await 1; throw new Error('late') }
      const outer = async () => { await inner() }
      try { await outer() } catch (error) { seen = error.stack }
    })(); ''`)
    expect(realm.run('seen')).toMatch(/^Error: late\n {4}at inner \(guest:program:2:\d+\)\n {4}at async outer/)
  })

  test('have at most fifty frames', () => {
    realm.run(`Error.stackTraceLimit = 200; ''`)
    expect(
      realm.run(stackOf('const f = (n) => { if (n === 0) throw new Error("x"); f(n - 1) }; f(150)')).split('\n'),
    ).toHaveLength(51)
  })

  test.each([
    'Error.prepareStackTrace = (error, sites) => sites',
    'try { Object.defineProperty(Error, "prepareStackTrace", { value: (error, sites) => sites }) } catch {}',
    'delete Error.prepareStackTrace; Error.prepareStackTrace = (error, sites) => sites',
    'Error = { prepareStackTrace: (error, sites) => sites }',
    'try { Object.defineProperty(globalThis, "Error", { value: { prepareStackTrace: (error, sites) => sites } }) } catch {}',
    'delete globalThis.Error; globalThis.Error = { prepareStackTrace: (error, sites) => sites }',
    'class Mine extends Error { static prepareStackTrace(error, sites) { return sites } }; new Mine().stack',
  ])('cannot be had as call sites: %s', (attack) => {
    const probe = `${attack}; typeof new (Object.getPrototypeOf(TypeError))('x').stack + (() => { try { null.x } catch (e) { return typeof e.stack } })()`
    expect(open().run(`{ ${attack} }; ''`)).toBe('')
    const fresh = open()
    expect(fresh.run(probe)).toBe('stringstring')
  })
})
