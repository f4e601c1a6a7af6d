import assert from 'node:assert/strict'
import process from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { encode } from '../../src/core/codec.ts'
import type { Execution, RunOptions, TrustLevel as Trust } from '../../src/index.ts'
import { expectServing } from '../contract/outcomes.ts'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'
import { AMBUSHES } from './ambushes.ts'
import type { Attack } from './attack.ts'
import { CORPUS } from './corpus.ts'
import { CANARY, HostState } from './host-state.ts'
import { programOf } from './program.ts'

/**
 * Code that is its caller's own is shown more by shared realms: stacks, whose formatting runs through the host. Policy sends
 * nobody else's there, so realms are attacked at the level below, and one test shows what that difference is.
 */
const LEVELS: Readonly<Record<Variant, Trust>> = {
  vm: 'limited',
  worker: 'limited',
  isolate: 'trusted',
  'isolate-inline': 'trusted',
  process: 'trusted',
}

/** Where each run starts a process of its own, all attacks of a family are started at once; the broker has them queue. */
const SIDE_BY_SIDE: ReadonlySet<Variant> = new Set(['process'])

/** Far more than any attack needs on a machine that is not busy; the most that each level may have. */
const LIMITS: Readonly<Record<Variant, NonNullable<RunOptions['limits']>>> = {
  vm: { wallMs: 5000, cpuMs: 2000 },
  worker: { wallMs: 5000, cpuMs: 2000 },
  isolate: { wallMs: 20_000, cpuMs: 10_000 },
  'isolate-inline': { wallMs: 20_000, cpuMs: 10_000 },
  process: { wallMs: 20_000, cpuMs: 10_000 },
}

/** Text that no guest and no receipt may show: the host's paths, its environment, its canaries. */
const HOST_TEXT = new RegExp(`${CANARY}|/src/(?:tiers|guest|broker)/|node:internal|${process.cwd()}`)

function judge({ outcome, logs }: Execution, { ends = ['returned'], as }: Attack): void {
  const { value, ...ending } = { value: undefined, ...outcome }
  // Never by JSON: a value may be tiny in memory and endless when written out.
  const said = encode(value) + JSON.stringify([ending, logs])
  assert.ok(ends.includes(outcome.kind), said.slice(0, 2000))
  if (outcome.kind === 'returned' && as !== 'program') assert.equal(outcome.value, '')
  assert.doesNotMatch(said, HOST_TEXT)
  assert.doesNotMatch(said, /ESCAPED/)
}

/** Runs every attack of the corpus against one tier. */
export function describeCorpus(variant: Variant): void {
  describe(`the tier ${variant}`, () => {
    let scene: Scene
    let host: HostState
    beforeAll(async () => {
      scene = await openScene(variant)
      await expectServing(scene)
      host = new HostState()
    })
    afterAll(async () => {
      host.restore()
      await scene[Symbol.asyncDispose]()
    })
    for (const { name, attacks } of CORPUS) {
      describe(`holds against ${name}`, () => {
        afterAll(() => expectServing(scene))
        const run = (attack: Attack): Promise<Execution> => {
          const { source, options } = programOf(attack)
          return scene.run(source, { trust: LEVELS[variant], limits: LIMITS[variant], ...options })
        }
        let together: readonly Promise<Execution>[] = []
        beforeAll(() => {
          if (SIDE_BY_SIDE.has(variant)) together = attacks.map(run)
        })
        for (const [index, attack] of attacks.entries()) {
          it(`${attack.title} (${attack.source})`, async () => {
            const first = await (together[index] ?? run(attack))
            // A busy machine may kill a child; one that the attack brings down is brought down again.
            const execution = first.outcome.kind === 'crashed' ? await run(attack) : first
            expect(() => judge(execution, attack)).not.toThrow()
            expect(() => host.check()).not.toThrow()
          })
        }
      })
    }
    for (const { name, ambushes } of AMBUSHES) {
      describe(`holds against ${name}`, () => {
        afterEach(() => expectServing(scene))
        for (const { title, source, check } of ambushes) {
          it(`${title} (${source})`, async () => {
            await expect(check(scene, LEVELS[variant])).resolves.toBeUndefined()
            expect(() => host.check()).not.toThrow()
          })
        }
      })
    }
  })
}
