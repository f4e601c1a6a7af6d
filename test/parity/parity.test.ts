import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { DEVIATIONS } from './deviations.ts'
import { differencesFresh, differencesWarm } from './differences.ts'
import { readPrograms } from './read-programs.ts'
import { goesTogether } from './tier-under-parity.ts'

const programs = readPrograms()
const topics = [...new Set(programs.map(({ topic }) => topic))]

describe('the programs of the parity suite', () => {
  it('are at least three hundred, each with a title of its own and an expectation', () => {
    expect(programs.length).toBeGreaterThanOrEqual(300)
    expect(new Set(programs.map(({ topic, title }) => `${topic} ${title}`)).size).toBe(programs.length)
    expect(programs.filter(({ expected }) => !/^(?:returned |threw |\{)/.test(expected))).toEqual([])
  })

  it('have deviations that name programs, and that the docs list with their reasons', () => {
    const docs = readFileSync(new URL('../../docs/parity.md', import.meta.url), 'utf8')
    for (const { topic, title, reason } of DEVIATIONS) {
      expect(programs.some((program) => program.topic === topic && program.title === title)).toBe(true)
      expect(docs).toContain(title)
      expect(docs).toContain(reason)
    }
  })
})

describe.each(VARIANTS)('in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it.each(topics)('programs about %s do what they should, each in a fresh sandbox', async (topic) => {
    // A process takes long to start: what can be called among others has its first call there, in one sandbox.
    const apart = programs.filter((one) => one.topic === topic && !(variant === 'process' && goesTogether(one)))
    expect(await differencesFresh(scene, variant, apart)).toEqual([])
  })

  it('programs do the same when they are called again in a sandbox that is kept', async () => {
    const kept = variant === 'process' ? programs.filter(goesTogether) : programs
    expect(await differencesWarm(scene, variant, kept)).toEqual([])
  })
})
