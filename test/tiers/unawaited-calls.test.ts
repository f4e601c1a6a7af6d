import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openScene, VARIANTS } from '../contract/scene.ts'

describe.each(VARIANTS)('a call of a host function that its guest does not wait for, in %s,', (variant) => {
  it.each([
    ['without a schema', undefined],
    ['with a schema', z.tuple([z.string()])],
    [
      'with a schema that takes its time',
      z.tuple([z.string().refine(() => new Promise((done) => setTimeout(done, 20, true)))]),
    ],
  ])('is made all the same: %s', async (_how, args) => {
    await using scene = await openScene(variant)
    const { promise: heard, resolve } = Promise.withResolvers<string>()
    const call = async (text: string): Promise<void> => resolve(text)
    const note = args === undefined ? call : { call, args }
    const source = "import { note } from 'host'\nexport default () => { note('by the way'); return 'done' }"
    const { outcome } = await scene.run(source, { functions: { note } })
    expect(outcome).toEqual({ kind: 'returned', value: 'done' })
    expect(await heard).toBe('by the way')
  })
})
