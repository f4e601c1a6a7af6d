import { getEventListeners } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { echo, hang } from './fake-tier.ts'
import { SOURCE, sceneOf } from './scene.ts'

const active = (): number => process.getActiveResourcesInfo().length

it('leaves no timer, listener or rejection behind, however the executions ended', async () => {
  const rejections: unknown[] = []
  const onRejection = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  // The runner has timers of its own, which come and go.
  const before = active()
  const { signal } = new AbortController()
  const scene = sceneOf(
    {
      script: (call, sandbox) => (call.exportName === 'hang' ? hang(call, sandbox) : echo(call, sandbox)),
      opening: (nth) => {
        if (nth % 5 === 0) throw new Error('no room')
      },
    },
    { maxConcurrent: 3, pool: { min: 0 } },
  )
  {
    await using program = await scene.broker.load(SOURCE)
    await Promise.all(
      Array.from({ length: 40 }, async (_, nth) => {
        const options = { export: nth % 3 === 0 ? 'hang' : 'default', limits: { wallMs: 10 }, signal }
        const running = nth % 2 === 0 ? scene.broker.start(SOURCE, options) : program.start(nth, options)
        if (nth % 4 === 0) await running.kill('enough')
        await running.result
      }),
    )
  }
  expect(getEventListeners(signal, 'abort')).toEqual([])
  await scene.broker.close()
  await setTimeout(20)
  process.off('unhandledRejection', onRejection)
  expect(rejections).toEqual([])
  expect(active()).toBeLessThanOrEqual(before)
  expect(scene.tier.sandboxes.every(({ disposals }) => disposals === 1)).toBe(true)
})
