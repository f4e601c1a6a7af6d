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
})
