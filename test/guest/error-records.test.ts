import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'

const POISON = 'Object.prototype.toJSON = () => 666'
const THROWERS = [
  `export default () => { ${POISON}; throw new Error('x') }`,
  `${POISON}; export default () => { throw { name: 'E', toJSON: () => 7 } }`,
  `${POISON}; export default () => { setTimeout(() => { throw 1 }, 0); return new Promise(() => {}) }`,
  `Array.prototype.toJSON = String.prototype.toJSON = () => 666; ${POISON}; export default () => Promise.reject(5)`,
]

describe.each(['vm', 'worker', 'isolate'] satisfies Variant[])('in the %s tier', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it.each(THROWERS)('a guest that spoils toJSON and throws ends itself and no neighbour: %s', async (source) => {
    const neighbour = scene.start('export default () => new Promise((resolve) => setTimeout(resolve, 100, 1))')
    expect((await scene.run(source)).outcome.kind).toBe('threw')
    expect((await neighbour.result).outcome).toEqual({ kind: 'returned', value: 1 })
    expect((await scene.run('export default () => 2')).outcome).toEqual({ kind: 'returned', value: 2 })
  })
})
