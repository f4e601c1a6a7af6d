import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectServing } from './outcomes.ts'
import { openScene, type Scene, VARIANTS } from './scene.ts'

/** Leaves a rejection alone and waits, so that the rejection is what ends the call. */
const rejects = (error: string): string => `export default () => {
  const error = ${error}
  Promise.reject(error)
  return new Promise((resolve) => setTimeout(resolve, 10_000))
}`

const WALL_MS = 150

describe.each(VARIANTS)('an unhandled rejection in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
  })

  it('is told with its code, its data, its cause and its errors', async () => {
    const source = rejects(
      `Object.assign(new AggregateError([new RangeError('one')], 'all', { cause: new TypeError('why') }), { code: 'E_ALL', at: 3 })`,
    )
    const { outcome } = await scene.run(source)
    expect(outcome).toMatchObject({
      kind: 'threw',
      error: {
        name: 'AggregateError',
        message: 'all',
        code: 'E_ALL',
        data: { at: 3 },
        cause: { name: 'TypeError', message: 'why' },
        errors: [{ name: 'RangeError', message: 'one' }],
      },
    })
  })

  // An isolate inside the host cannot be stopped while V8 reads an error by itself.
  it.runIf(variant !== 'isolate-inline').each(['code', 'cause', 'errors', 'own'])(
    'whose %s never answers ends at the deadline, and the host serves on',
    async (name) => {
      const source = rejects(
        `Object.defineProperty(new Error('x'), '${name}', { enumerable: true, get() { for (;;); } })`,
      )
      const { outcome } = await scene.run(source, { limits: { wallMs: WALL_MS } })
      expect(['threw', 'exceeded']).toContain(outcome.kind)
      await expectServing(scene)
    },
  )

  // isolated-vm reads these by itself, after the deadline of the turn: here the death of the carrier is what ends it.
  it.runIf(variant === 'isolate' || variant === 'process').each(['name', 'message', 'stack'])(
    'whose %s never answers ends at the deadline, though it is read past that of the turn',
    async (name) => {
      const source = rejects(`Object.defineProperty(new Error('x'), '${name}', { get() { for (;;); } })`)
      const { outcome } = await scene.run(source, { limits: { wallMs: WALL_MS } })
      expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
      await expectServing(scene)
    },
  )

  it.runIf(variant === 'isolate-inline')(
    'holds nobody up when a guest that was quick before reads it slowly',
    async () => {
      const source = `export default (isLast) => {
      if (!isLast) return 1
      Promise.reject(Object.defineProperty(new Error('x'), 'message', { get() { for (let n = 0; n < 1e9; n++); } }))
      return new Promise((resolve) => setTimeout(resolve, 10_000))
    }`
      await using program = await scene.load(source, { pool: { min: 1, max: 1 } })
      for (let call = 0; call < 30; call += 1) expect((await program.call(false)).outcome.kind).toBe('returned')
      let ticks = 0
      const timer = setInterval(() => {
        ticks += 1
      }, 5)
      const { outcome } = await program.call(true, { limits: { wallMs: WALL_MS } })
      clearInterval(timer)
      expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
      // Where it ran on the host's own thread, no timer fired before the call was over.
      expect(ticks).toBeGreaterThan(3)
      await expectServing(scene)
    },
  )
})
