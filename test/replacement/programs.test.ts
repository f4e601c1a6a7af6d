import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Execution, LoadedProgram } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { brief } from '../sessions/session-scene.ts'

/** A process takes its time to start on a busy machine. */
const PATIENCE = { timeout: 10_000 }

const COUNTER = `let n = 0
export const next = () => ++n
export const dispose = () => ({ n })
export const wait = (ms) => new Promise((done) => setTimeout(done, ms, 'one'))
export default () => 'one'`

const LARGER = `let n = 0
export const next = () => (n += 10)
export const accept = (state) => { n = state.n }
export const dispose = async () => ({ n })
export default () => 'two'`

const ONE = { pool: { min: 1, max: 1 } }
const HANGS = '() => new Promise(() => {})'
const SPINS = '() => { for (;;); }'
const RESISTS = '() => { for (;;) try { for (;;) [].concat([1]) } catch {} }'

const answer = async (program: LoadedProgram, name = 'default', input?: unknown): Promise<unknown> =>
  brief((await program.call(input, { export: name })).outcome)

describe.each(VARIANTS)('a loaded program in %s', (variant) => {
  // What the broker does by itself is the same in every tier, and processes take their time to start.
  const startsSlowly = variant === 'process'
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())

  const load = (source = COUNTER, more = {}): Promise<LoadedProgram> => scene.load(source, { ...ONE, ...more })

  test('is replaced, warm, under another hash, and gives up its old sandboxes', async () => {
    await using program = await load(COUNTER, { pool: { min: 2, max: 2 } })
    const { hash } = program
    expect(await program.replace('globalThis.loaded = 1; export default () => loaded')).toEqual({
      kind: 'replaced',
      handedOver: false,
    })
    expect(program.hash).not.toBe(hash)
    const { outcome, usage } = await program.call()
    expect([brief(outcome), usage.startMs]).toEqual([1, 0])
    await expect
      .poll(() => scene.broker.stats().pools, PATIENCE)
      .toMatchObject([{ program: program.hash, idle: 2, busy: 0, opening: 0 }])
  })

  test('hands its state over, version by version', async () => {
    await using program = await load()
    await answer(program, 'next')
    expect(await program.replace(LARGER)).toEqual({ kind: 'replaced', handedOver: true })
    expect(await answer(program, 'next')).toBe(11)
    expect(await program.replace(`${LARGER}\n// again`)).toEqual({ kind: 'replaced', handedOver: true })
    expect(await answer(program, 'next')).toBe(21)
    expect(await program.replace(`${LARGER}\n// anew`, { handOver: false })).toEqual({
      kind: 'replaced',
      handedOver: false,
    })
    expect(await answer(program, 'next')).toBe(10)
  })

  test.skipIf(startsSlowly)(
    'hands over no state that its old version has not, or that is not the only one',
    async () => {
      await using idle = await load('export const dispose = () => { throw 1 }', { pool: { min: 0, max: 1 } })
      expect(await idle.replace(LARGER)).toEqual({ kind: 'replaced', handedOver: false })
      await using mute = await load('export default () => 1')
      await mute.call()
      expect(await mute.replace(LARGER)).toEqual({ kind: 'replaced', handedOver: false })
      await using many = await load(COUNTER, { pool: { min: 1, max: 2 } })
      await answer(many, 'next')
      expect(await many.replace(LARGER)).toEqual({ kind: 'replaced', handedOver: false })
      expect(await answer(many, 'next')).toBe(10)
    },
  )

  test.skipIf(startsSlowly)('finishes calls under way, and those that wait, on the old version', async () => {
    await using program = await load()
    const calls = [300, 1, 1].map((ms) => program.call(ms, { export: 'wait' }))
    expect(await program.replace('export default () => "two"')).toMatchObject({ kind: 'replaced' })
    expect(await answer(program)).toBe('two')
    for (const call of calls) expect(brief((await call).outcome)).toBe('one')
    await expect.poll(() => scene.broker.stats().pools, PATIENCE).toHaveLength(1)
  })

  test.skipIf(startsSlowly)(
    'lets calls wait while its state is handed over, which is after those before have ended',
    async () => {
      await using program = await load(`${COUNTER}
      export const later = async () => { await wait(200); n += 5 }`)
      const before = program.call(undefined, { export: 'later' })
      const accepted = new Promise<Execution>((resolve) => {
        const off = scene.broker.on('ended', (receipt) => {
          if (!receipt.logs.some(({ text }) => text === 'loaded')) return
          off()
          resolve(receipt)
        })
      })
      const replacing = program.replace(`console.log('loaded')\n${LARGER}`)
      await accepted
      await new Promise((resolve) => setImmediate(resolve))
      const during = [program.call(undefined, { export: 'next' }), program.call()]
      expect(await replacing).toEqual({ kind: 'replaced', handedOver: true })
      expect((await before).outcome.kind).toBe('returned')
      expect((await Promise.all(during)).map(({ outcome }) => brief(outcome))).toEqual([15, 'two'])
    },
  )

  test.each([
    ['prepare', 'export default (', { kind: 'threw', error: { name: 'SyntaxError' } }],
    ['prepare', 'import "fs"', { kind: 'refused' }],
    ['policy', `// ${'x'.repeat(3000)}`, { kind: 'refused', reason: expect.stringContaining('sourceBytes') }],
    ['load', 'throw new Error("no"); export {}', { kind: 'threw', error: { message: 'no' } }],
    [
      'load',
      'import { nothing } from "host"; export default nothing',
      { kind: 'threw', error: { name: 'SyntaxError' } },
    ],
    ['load', 'await new Promise(() => {}); export {}', { kind: 'exceeded', limit: 'wallMs' }],
    ['load', 'for (;;); export {}', { kind: 'exceeded' }],
    ['accept', 'export const accept = () => { throw new Error("no") }', { kind: 'threw', error: { message: 'no' } }],
    ['accept', `export const accept = ${HANGS}`, { kind: 'exceeded', limit: 'wallMs' }],
    ['accept', `export const accept = ${SPINS}`, { kind: 'exceeded' }],
    ['accept', `export const accept = ${RESISTS}`, { kind: 'exceeded' }],
  ])('keeps its old version, and its state, when the new one fails at %s (case %#)', async (stage, source, outcome) => {
    const functions = { lent: () => 1 }
    await using program = await load(COUNTER, { functions, limits: { wallMs: 400, sourceBytes: 2000 } })
    const { hash } = program
    await answer(program, 'next')
    expect(await program.replace(source)).toMatchObject({ kind: 'kept', stage, outcome })
    expect([await answer(program, 'next'), program.hash]).toEqual([2, hash])
    expect(await program.replace(LARGER)).toEqual({ kind: 'replaced', handedOver: true })
    expect(await answer(program, 'next')).toBe(12)
  })

  test.each([
    ['throws', '() => { throw new Error("no") }', { kind: 'threw', error: { message: 'no' } }],
    ['hangs', HANGS, { kind: 'exceeded', limit: 'wallMs' }],
    ['spins', SPINS, { kind: 'exceeded' }],
    ['resists', RESISTS, { kind: 'exceeded' }],
    ['tells too much', '() => "x".repeat(100_000)', { kind: 'exceeded', limit: 'outputBytes' }],
    ['tells no data', '() => () => 1', { kind: 'threw' }],
  ])('goes on when its own dispose %s, and can be replaced without', async (_, dispose, outcome) => {
    await using program = await load(`export const dispose = ${dispose}; export default () => "one"`, {
      limits: { wallMs: 400, outputBytes: 50_000 },
    })
    await program.call()
    expect(await program.replace(LARGER)).toMatchObject({ kind: 'kept', stage: 'dispose', outcome })
    expect(await answer(program)).toBe('one')
    expect(await program.replace(LARGER, { handOver: false })).toMatchObject({ kind: 'replaced' })
    expect(await answer(program)).toBe('two')
  })

  test.skipIf(startsSlowly)('refuses a state that is larger than what the new version takes in', async () => {
    await using program = await load('export const dispose = () => "x".repeat(9000); export default () => "one"', {
      limits: { inputBytes: 5000 },
    })
    await program.call()
    expect(await program.replace(LARGER)).toMatchObject({
      kind: 'kept',
      stage: 'accept',
      outcome: { kind: 'refused', reason: expect.stringContaining('inputBytes') },
    })
    expect(await answer(program)).toBe('one')
  })

  test.skipIf(startsSlowly)(
    'is replaced by those that queue, one after the other, each with the state of the one before',
    async () => {
      await using program = await load()
      await answer(program, 'next')
      const replacements = [
        program.replace(`${LARGER}\n// second`),
        program.replace('throw 1; export {}'),
        program.replace(`${LARGER}\n// third`),
      ]
      expect((await Promise.all(replacements)).map(({ kind }) => kind)).toEqual(['replaced', 'kept', 'replaced'])
      expect(await answer(program, 'next')).toBe(11)
    },
  )

  test.skipIf(startsSlowly)(
    'replaces what could not be parsed, and takes modules and a name with the new text',
    async () => {
      await using program = await load('export default (')
      expect(program.hash).toBeUndefined()
      expect(await program.replace('import { a } from "./a"; export default () => a')).toMatchObject({
        stage: 'prepare',
      })
      const modules = { './a': 'export const a = 6' }
      expect(await program.replace('import { a } from "./a"; export default () => a', { modules })).toMatchObject({
        kind: 'replaced',
      })
      expect(await answer(program)).toBe(6)
      const text = 'import { a } from "./a"; export default (): number => { throw new Error(String(a)) }'
      await program.replace(text, { filename: 'second.ts' })
      const { outcome } = await program.call()
      expect(outcome).toMatchObject({
        kind: 'threw',
        error: { message: '6', stack: expect.stringContaining('second.ts') },
      })
    },
  )

  test.skipIf(startsSlowly)('keeps its old version when the caller gives the new one up', async () => {
    await using program = await load()
    const before = await program.replace(LARGER, { signal: AbortSignal.abort('never mind') })
    expect(before).toMatchObject({ kind: 'kept', outcome: { kind: 'killed', by: 'signal', reason: 'never mind' } })
    const aborter = new AbortController()
    const replacing = program.replace('await new Promise(() => {}); export {}', { signal: aborter.signal })
    setTimeout(() => aborter.abort('enough'), 30)
    expect(await replacing).toMatchObject({ kind: 'kept', outcome: { kind: 'killed', by: 'signal', reason: 'enough' } })
    expect(await answer(program)).toBe('one')
  })
})
