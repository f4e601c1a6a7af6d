import assert from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { expectServing, killed } from '../contract/outcomes.ts'
import { openScene } from '../contract/scene.ts'

/** More often than not each of them takes in one request of V8's to end: see docs/discoveries/a-termination-that-is-swallowed.md. */
const SWALLOWERS = [
  ['rejections that are handled', 'Promise.reject(1).catch(() => {})'],
  ['rejections that nobody handles', 'Promise.reject(1)'],
  ['promises that are rejected too late', 'new Promise((resolve, reject) => { resolve(); reject(1) })'],
  ['stacks that overflow', 'try { deeper() } catch (error) { error.stack }'],
] as const
const TRIES = 6
/** It ends by itself in the end, so that a deadline that does nothing is a red test and no test without an end. */
const BOUND_MS = 4000

const sourceOf = (body: string): string => `import { started, outlived } from 'host'
const deeper = () => { try { deeper() } catch (error) { error.stack } }
export default async () => {
  await started()
  const until = Date.now() + ${BOUND_MS}
  while (Date.now() < until) for (let n = 0; n < 10; n += 1) { ${body} }
  await outlived()
}`

describe('a guest that has its end taken by somebody else', () => {
  it.each(SWALLOWERS)('meets its deadline all the same in the tier vm: %s', async (_, body) => {
    await using scene = await openScene('vm')
    let late = 0
    const functions = { started: () => {}, outlived: () => void (late += 1) }
    for (let n = 0; n < TRIES; n += 1) {
      const before = performance.now()
      const { outcome } = await scene.run(sourceOf(body), { functions, limits: { wallMs: 10 } })
      assert.deepEqual(outcome, { kind: 'exceeded', limit: 'wallMs' })
      if (performance.now() - before > BOUND_MS) late += 1
    }
    expect(late).toBe(0)
    await expectServing(scene)
  })

  it.each(SWALLOWERS.slice(0, 2))('is killed with its thread all the same in the tier worker: %s', async (_, body) => {
    await using scene = await openScene('worker')
    const lost: unknown[] = []
    scene.broker.on('lost', (event) => lost.push(event))
    for (let n = 0; n < TRIES; n += 1) {
      const started = Promise.withResolvers<void>()
      const functions = { started: () => started.resolve(), outlived: () => {} }
      const running = scene.start(sourceOf(body), { functions, limits: { wallMs: 20_000 } })
      await Promise.race([started.promise, running.result])
      await new Promise(setImmediate)
      await running.kill('incident 7')
      expect((await running.result).outcome).toEqual(killed('handle', 'incident 7'))
    }
    expect(lost).toEqual([])
    await expectServing(scene)
  })
})
