import { afterAll, beforeAll, describe, it } from 'vitest'
import { DEVIATIONS } from './deviations.ts'
import { GUARANTEES } from './guarantees.ts'
import { openScene, type Scene, type Variant } from './scene.ts'

/** Holds one tier to every guarantee. What it deviates from is skipped, with the reason, and its deviation tested. */
export function describeContract(variant: Variant): void {
  describe(`the tier ${variant}`, () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene(variant)
    })
    afterAll(() => scene[Symbol.asyncDispose]())
    for (const { row, checks } of GUARANTEES) {
      const deviation = DEVIATIONS[variant].find((one) => one.row === row)
      describe(row, () => {
        const reason = deviation === undefined ? '' : `: ${deviation.reason}`
        for (const { title, check } of checks) {
          it.skipIf(deviation !== undefined)(`${title}${reason}`, () => check(scene))
        }
        for (const { title, check } of deviation?.checks ?? []) it(`deviates: ${title}`, () => check(scene))
      })
    }
  })
}
