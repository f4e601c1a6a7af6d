import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome, RunOptions, Scope } from '../../src/index.ts'
import { killed } from '../contract/outcomes.ts'
import { openScene, type Scene, type Variant } from '../contract/scene.ts'
import { hashOf, startTarget, type Target } from './target.ts'

const REASON = 'incident 7'
const SOURCE = `import { started, waitForever } from 'host'
export default async () => { await started(); await waitForever() }`
/** Long enough to be prepared in another process where its trust is low. */
const LONG = `${SOURCE}\n// ${'padding '.repeat(2000)}`

interface Way {
  readonly by: string
  readonly closes?: true
  readonly expected: Outcome
  end(scene: Scene, target: Target): Promise<unknown>
}

const byScope = (name: string, scopeOf: (scene: Scene, target: Target) => Scope): Way => ({
  by: `a kill of its ${name}`,
  end: (scene, target) => scene.broker.kill(scopeOf(scene, target), REASON),
  expected: killed('switch', REASON),
})

const WAYS: readonly Way[] = [
  { by: 'its handle', end: (_, { running }) => running.kill(REASON), expected: killed('handle', REASON) },
  {
    by: 'its signal',
    end: (_, { controller, running }) => {
      controller.abort(new Error(REASON))
      return running.result
    },
    expected: killed('signal', REASON),
  },
  byScope('tenant', (_, { tenant }) => ({ tenant })),
  byScope('tier', ({ tier }) => ({ tier })),
  byScope('everything', () => ({ all: true })),
  {
    by: 'a block',
    end: async (scene, { tenant }) => {
      await scene.broker.block({ tenant }, REASON)
      await scene.broker.unblock({ tenant })
    },
    expected: killed('switch', REASON),
  },
  {
    by: 'the closing of its broker',
    closes: true,
    end: (scene) => scene.broker.close(),
    expected: killed('close', 'The broker was closed'),
  },
]

/** A guest of this program, of low trust where the tier takes such. */
function startIn(scene: Scene, variant: Variant, source: string, options: RunOptions = {}): Target {
  const trust = variant === 'vm' || variant === 'worker' ? 'limited' : 'untrusted'
  return startTarget(scene, source, 'acme', { trust, ...options })
}

/** How often a guest called the host, a while after its end. */
async function laterCalls(scene: Scene, target: Target): Promise<number> {
  await delay(20)
  assert.equal(scene.broker.stats().running, 0)
  return target.calls()
}

/** Kills guests that have not started, or whose call has ended, in one tier. */
export function describeEarly(variant: Variant): void {
  describe(`a guest that has not started in the tier ${variant}`, () => {
    let shared: Scene
    let crowded: Scene
    beforeAll(async () => {
      shared = await openScene(variant)
      crowded = await openScene(variant, { maxConcurrent: 1 })
    })
    afterAll(async () => {
      await Promise.all([shared[Symbol.asyncDispose](), crowded[Symbol.asyncDispose]()])
    })

    it.each(WAYS)('never does when it is ended by $by while it waits in the queue', async (way) => {
      const scene = way.closes === true ? await openScene(variant, { maxConcurrent: 1 }) : crowded
      const first = startTarget(scene, SOURCE, 'other')
      await first.underWay
      const queued = startIn(scene, variant, SOURCE)
      await way.end(scene, queued)
      expect((await queued.running.result).outcome).toEqual(way.expected)
      await first.running.kill('make room')
      expect(await laterCalls(scene, queued)).toBe(0)
    })

    it.each(WAYS)('never does when it is ended by $by while its sandbox is opened', async (way) => {
      const scene = way.closes === true ? await openScene(variant) : shared
      const opening = startIn(scene, variant, SOURCE)
      await way.end(scene, opening)
      expect((await opening.running.result).outcome).toEqual(way.expected)
      expect(await laterCalls(scene, opening)).toBe(0)
    })

    it.each(WAYS)('never does when it is ended by $by while its program is prepared', async (way) => {
      const scene = way.closes === true ? await openScene(variant) : shared
      const preparing = startIn(scene, variant, `${LONG}${Math.random()}`)
      await way.end(scene, preparing)
      expect((await preparing.running.result).outcome).toEqual(way.expected)
      expect(await laterCalls(scene, preparing)).toBe(0)
    })

    it('is reached by its program once that is prepared, although it was not known when it was asked for', async () => {
      const source = `${LONG}${Math.random()}`
      const target = startIn(shared, variant, source)
      await target.underWay
      expect(await shared.broker.kill({ program: hashOf(source) }, REASON)).toBe(1)
      expect((await target.running.result).outcome).toEqual(killed('switch', REASON))
    })
  })
}
