import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Data, RunOptions } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { MODULES, steadyPrograms } from '../fuzz/guest-grammar.ts'
import { observe } from './observe.ts'

/** Another seed gives other programs; this one is kept, so that a failure can be seen again. */
const SEED = 20261123
/** Processes take long to start, so they run fewer. */
const COUNT = 60
const COUNT_OF_PROCESSES = 12

const generated = fc.sample(steadyPrograms, { seed: SEED, numRuns: COUNT })
const options: RunOptions = {
  input: { a: 1 },
  limits: { wallMs: 10_000, cpuMs: 10_000 },
  modules: MODULES,
  functions: {
    echo: (value: unknown) => value,
    atOnce: { sync: true, call: (value: Data) => value },
    fails: () => Promise.reject(new Error('of the host')),
  },
}

async function observeAll(scene: Scene, programs: readonly string[]): Promise<readonly string[]> {
  const seen: string[] = []
  for (const program of programs) seen.push(observe(await scene.run(program, options)))
  return seen
}

describe('generated programs', () => {
  let expected: readonly string[] = []
  beforeAll(async () => {
    await using scene = await openScene('vm')
    expected = await observeAll(scene, generated)
  })

  it('differ from one another, and some return', () => {
    expect(new Set(generated).size).toBeGreaterThan(COUNT / 2)
    expect(expected.filter((seen) => seen.startsWith('returned')).length).toBeGreaterThan(COUNT / 4)
  })

  describe.each(VARIANTS.filter((one) => one !== 'vm'))('in %s', (variant) => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene(variant)
    })
    afterAll(() => scene[Symbol.asyncDispose]())

    it('are seen to do what they do in vm', async () => {
      const count = variant === 'process' ? COUNT_OF_PROCESSES : COUNT
      const seen = await observeAll(scene, generated.slice(0, count))
      const different = seen.flatMap((text, index) =>
        text === expected[index] ? [] : [{ program: generated[index], expected: expected[index], seen: text }],
      )
      expect(different).toEqual([])
    })
  })
})
