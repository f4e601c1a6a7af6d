import { describe, expect, it } from 'vitest'
import { openScene, VARIANTS } from './scene.ts'

/** More calls than make a guest count as quick, whose turns then run on the thread that would answer it. */
const CALLS = 40

describe.each(VARIANTS)('a program that is called often in %s', (variant) => {
  it('is answered by a synchronous host function in every call, however quick the calls before were', async () => {
    await using scene = await openScene(variant)
    const source = `import { add } from 'host'\nexport default (ask) => (ask ? add(1, 2) : 0)`
    const functions = { add: { call: (a: number, b: number) => a + b, sync: true } }
    await using program = await scene.load(source, { functions, pool: { min: 1, max: 1 } })
    for (let call = 0; call < CALLS; call += 1) {
      const { outcome } = await program.call(call % 10 === 9)
      expect(outcome).toEqual({ kind: 'returned', value: call % 10 === 9 ? 3 : 0 })
    }
  })
})
