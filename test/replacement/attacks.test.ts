import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, createBroker, type LoadedProgram } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { brief } from '../sessions/session-scene.ts'

/** A process takes its time to start on a busy machine. */
const PATIENCE = { timeout: 10_000 }

const ONE = 'let n = 1; export const dispose = () => n; export default () => n'
const TWO = 'let n = 0; export const accept = (state) => { n = state }; export default () => n'
const NEVER = 'await new Promise(() => {}); export {}'

const POOL = { min: 1, max: 1 }
const LIMITS = { wallMs: 400, outputBytes: 100_000, logBytes: 10_000, hostCalls: 10 }

/** What the broker holds. */
const sandboxes = (broker: Broker): number =>
  broker.stats().tiers.reduce((sum, { carriers }) => carriers.reduce((n, one) => n + one.sandboxes, sum), 0)

describe.each(VARIANTS)('a hostile version of a program in %s', (variant) => {
  // What the broker does by itself is the same in every tier, and processes take their time to start.
  const startsSlowly = variant === 'process'
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())

  const load = (source: string): Promise<LoadedProgram> =>
    scene.load(source, { pool: POOL, limits: LIMITS, functions: { echo: async (value: unknown) => value } })

  test.each([
    ['throws what is no error', 'throw { get message() { throw 1 }, toString: () => { throw 2 } }; export {}', 'load'],
    [
      'throws at a look at its exports',
      'Object.defineProperty(exports, "accept", { enumerable: true, get() { throw 1 } })',
      'load',
    ],
    ['exports what answers to everything', 'module.exports = new Proxy({}, { ownKeys: () => { throw 1 } })', 'load'],
    ['floods the log', 'for (;;) console.log("x".repeat(999)); export {}', 'load'],
    ['floods the host', 'import { echo } from "host"; for (;;) await echo(1); export {}', 'load'],
    ['never settles', 'export const accept = () => ({ then() {} })', 'accept'],
    [
      'rejects behind its back',
      'export const accept = () => { Promise.reject(new Error("late")); return new Promise(() => {}) }',
      'accept',
    ],
    ['runs out of stack', 'export const accept = function again() { again() }', 'accept'],
  ])('that %s does not take over', async (_, source, stage) => {
    await using program = await load(ONE)
    await program.call()
    expect(await program.replace(source, source.includes('exports') ? { kind: 'commonjs' } : {})).toMatchObject({
      kind: 'kept',
      stage,
    })
    expect(brief((await program.call()).outcome)).toBe(1)
  })

  test.each([
    [
      'pretends to be a list',
      'Array.prototype.then = (done) => done({ length: 1, 0: "evil" })',
      { kind: 'replaced', handedOver: false },
    ],
    [
      'answers a list without end',
      'Array.prototype.then = (done) => done(new Array(2 ** 32 - 1))',
      { kind: 'kept', stage: 'dispose' },
    ],
    [
      'poisons what answers are made by',
      'Object.prototype.then = undefined; Promise.prototype.then = () => { throw 1 }; Array.prototype[0] = 2',
      { kind: 'replaced', handedOver: true },
    ],
  ])('that %s when disposed of harms nobody but its own state', async (_, poison, expected) => {
    await using program = await load(`${poison}\n${ONE}`)
    await program.call()
    expect(await program.replace(TWO)).toMatchObject(expected)
    expect((await program.replace('export default () => 3', { handOver: false })).kind).toBe('replaced')
    expect(brief((await program.call()).outcome)).toBe(3)
  })

  test.skipIf(startsSlowly)('is no way for callers to ask for what only the host asks for', async () => {
    await using program = await load(ONE)
    for (const name of ['\0load', '\0dispose', '\0accept']) {
      await expect(program.call(1, { export: name })).rejects.toThrow('control characters')
    }
  })

  test.each<[string, (broker: Broker, program: LoadedProgram) => Promise<unknown>]>([
    ['disposed of', async (_, program) => program[Symbol.asyncDispose]()],
    ['closed with its broker', (broker) => broker.close()],
  ])('leaves nothing when the program is %s while it is loaded', async (_, end) => {
    await using apart = await scene.apart()
    const program = await apart.load(ONE, { pool: POOL })
    expect(brief((await program.call()).outcome)).toBe(1)
    const replacements = [program.replace(NEVER), program.replace(TWO)]
    await expect.poll(() => apart.broker.stats().running, PATIENCE).toBe(1)
    await end(apart.broker, program)
    expect([sandboxes(apart.broker), apart.broker.stats().pools]).toEqual([0, []])
    for (const { kind } of await Promise.all(replacements)) expect(kind).toBe('kept')
    await expect(program.replace(TWO)).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
  })

  test('is ended by a switch for it alone, and by one for its tenant with the old one', async () => {
    await using apart = await scene.apart()
    const { broker } = apart
    const { hash = '' } = await apart.load(NEVER, { pool: { min: 0, max: 1 } })
    await using program = await apart.load(ONE, { pool: POOL, tenant: 'acme' })
    const first = program.replace(NEVER)
    await expect.poll(() => broker.stats().running, PATIENCE).toBe(1)
    await broker.kill({ program: hash }, 'bad code')
    expect(await first).toMatchObject({ kind: 'kept', outcome: { kind: 'killed', by: 'switch', reason: 'bad code' } })
    expect(brief((await program.call()).outcome)).toBe(1)
    const second = program.replace(NEVER)
    await expect.poll(() => broker.stats().running, PATIENCE).toBe(1)
    await broker.block({ tenant: 'acme' }, 'unpaid')
    expect(await second).toMatchObject({ kind: 'kept', outcome: { kind: 'killed' } })
    expect(await program.replace(TWO)).toMatchObject({ kind: 'kept', stage: 'policy', outcome: { kind: 'refused' } })
    expect((await program.call()).outcome.kind).toBe('refused')
  })
})

test.each<[unknown, object, ErrorConstructor, string]>([
  [1, {}, TypeError, 'the source must be a string'],
  ['1', { trust: 'trusted' }, TypeError, '"trust"'],
  ['1', { handOver: 'yes' }, TypeError, '"handOver" must be a boolean'],
  ['1', { modules: { db: { functions: { get: () => 1 } } } }, TypeError, 'module "db"'],
  ['1', { modules: { host: 'export {}' } }, TypeError, 'module "host"'],
  ['1', { signal: 1 }, TypeError, '"signal" must be an AbortSignal'],
  ['1', { kind: 'wasm' }, RangeError, '"kind" must be one of'],
])('a replacement by %j with %j is the caller’s mistake', async (source, options, type, message) => {
  await using broker = await createBroker()
  const functions = { now: () => 1 }
  await using program = await broker.load('1', { trust: 'trusted', functions })
  await using session = await broker.open('', { trust: 'trusted', functions })
  for (const { replace } of [program, session].map((one) => ({ replace: one.replace.bind(one) }))) {
    const replacing = replace(source as string, options)
    await expect(replacing).rejects.toThrow(type)
    await expect(replacing).rejects.toThrow(message)
  }
  expect((await program.call()).outcome.kind).toBe('returned')
})
