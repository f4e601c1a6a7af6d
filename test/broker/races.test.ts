import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Ending } from '../../src/core/sandbox.ts'
import { containing } from './containing.ts'
import { hang, returned } from './fake-tier.ts'
import { block, gate, isSettled, until } from './gate.ts'
import { type Scene, SOURCE, sceneOf } from './scene.ts'

/** A scene whose guest ends when the test says so. */
function heldScene(): Scene & { end(ending: Ending): void } {
  const ending = Promise.withResolvers<Ending>()
  return { ...sceneOf({ script: () => ending.promise }), end: ending.resolve }
}

async function running({ tier }: Scene): Promise<void> {
  await until(() => tier.sandboxes[0]?.calls === 1)
}

describe('the first cause wins', () => {
  it('when a result comes before a kill in the same tick', async () => {
    await using scene = heldScene()
    const execution = scene.broker.start(SOURCE)
    await running(scene)
    scene.end(returned('first'))
    await Promise.resolve()
    await until(() => execution.usage().outputBytes > 0)
    await execution.kill('too late')
    expect((await execution.result).outcome).toEqual({ kind: 'returned', value: 'first' })
    expect(scene.tier.sandbox(1).kills).toBe(0)
  })

  it('when a kill comes before a result in the same tick', async () => {
    await using scene = heldScene()
    const execution = scene.broker.start(SOURCE)
    await running(scene)
    const killed = execution.kill('stop')
    scene.end(returned('second'))
    await killed
    expect((await execution.result).outcome).toEqual({ kind: 'killed', by: 'handle', reason: 'stop' })
  })

  it('when a signal comes before a kill, and the other way round', async () => {
    await using scene = sceneOf({ script: hang })
    const signalled = new AbortController()
    const first = scene.broker.start(SOURCE, { signal: signalled.signal })
    const second = scene.broker.start(SOURCE, { signal: signalled.signal })
    await until(() => scene.tier.sandboxes.length === 2)
    const killed = second.kill('by hand')
    signalled.abort(new Error('user left'))
    await Promise.all([first.kill('by hand'), killed])
    expect((await first.result).outcome).toEqual({ kind: 'killed', by: 'signal', reason: 'user left' })
    expect((await second.result).outcome).toEqual({ kind: 'killed', by: 'handle', reason: 'by hand' })
  })

  it('when the deadline comes before a kill', async () => {
    const held = gate()
    await using scene = sceneOf({ script: hang, killing: () => held.opened })
    const execution = scene.broker.start(SOURCE, { limits: { wallMs: 5 } })
    await until(() => scene.tier.sandboxes[0]?.kills === 1)
    const killed = execution.kill('impatient')
    held.open()
    await killed
    expect((await execution.result).outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
  })

  it('when the guest’s own ending and its death compete', async () => {
    await using scene = sceneOf({ script: () => ({ kind: 'exceeded', limit: 'memoryBytes' }) })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'exceeded', limit: 'memoryBytes' })
  })
})

describe('the wall clock', () => {
  it('ends a guest that never ends', async () => {
    await using scene = sceneOf({ script: hang })
    const { outcome, usage } = await scene.broker.run(SOURCE, { limits: { wallMs: 30 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect(usage.wallMs).toBeGreaterThanOrEqual(30)
  })

  it.each<Ending>([returned('late'), { kind: 'threw', error: { name: 'Error', message: 'late' } }])(
    'turns what a blocked thread says too late into an exceeded deadline: %j',
    async (ending) => {
      await using scene = sceneOf({
        script: () => {
          block(30)
          return ending
        },
      })
      const { outcome } = await scene.broker.run(SOURCE, { limits: { wallMs: 10 } })
      expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    },
  )

  it('lets a limit stand that the tier noticed while the thread was blocked', async () => {
    await using scene = sceneOf({
      script: () => {
        block(20)
        return { kind: 'exceeded', limit: 'cpuMs' }
      },
    })
    const { outcome } = await scene.broker.run(SOURCE, { limits: { wallMs: 10 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'cpuMs' })
  })

  it('does not end a guest that ends in time', async () => {
    await using scene = sceneOf({
      script: async () => {
        await setTimeout(10)
        return returned('in time')
      },
    })
    const { outcome } = await scene.broker.run(SOURCE, { limits: { wallMs: 500 } })
    expect(outcome).toEqual({ kind: 'returned', value: 'in time' })
  })

  it('does not count the time in the queue or the opening', async () => {
    await using scene = sceneOf(
      {
        opening: () => setTimeout(120),
        script: async () => {
          await setTimeout(5)
          return returned(1)
        },
      },
      { maxConcurrent: 1 },
    )
    const limits = { wallMs: 100 }
    const executions = await Promise.all([scene.broker.run(SOURCE, { limits }), scene.broker.run(SOURCE, { limits })])
    expect(executions.map(({ outcome }) => outcome.kind)).toEqual(['returned', 'returned'])
    const [, second] = executions
    expect(second.usage.queuedMs).toBeGreaterThan(100)
    expect(second.usage.startMs).toBeGreaterThan(100)
    expect(second.usage.wallMs).toBeLessThan(100)
  })
})

describe('a kill', () => {
  it('resolves only when the sandbox’s own kill has', async () => {
    const held = gate()
    await using scene = sceneOf({ script: hang, killing: () => held.opened })
    const execution = scene.broker.start(SOURCE)
    await running(scene)
    const killed = execution.kill('stop')
    await until(() => scene.tier.sandbox(1).kills === 1)
    expect(await isSettled(killed)).toBe(false)
    expect(await isSettled(execution.result)).toBe(false)
    held.open()
    await killed
  })

  it('says who and why', async () => {
    await using scene = sceneOf({ script: hang })
    const execution = scene.broker.start(SOURCE)
    await execution.kill('no longer needed')
    expect((await execution.result).outcome).toEqual({ kind: 'killed', by: 'handle', reason: 'no longer needed' })
  })

  it('needs a reason', async () => {
    await using scene = sceneOf({ script: hang })
    const execution = scene.broker.start(SOURCE)
    await expect(execution.kill('')).rejects.toThrow(RangeError)
    // @ts-expect-error a reason is a text
    await expect(execution.kill()).rejects.toThrow('Cannot kill execution: the reason must be a string')
    await execution.kill('enough')
  })

  it('does nothing to what has ended', async () => {
    await using scene = sceneOf()
    const execution = scene.broker.start(SOURCE, { input: 1 })
    const before = await execution.result
    await execution.kill('too late')
    expect(await execution.result).toBe(before)
    expect(execution.usage()).toBe(before.usage)
  })

  it('reaches a sandbox that is still being opened', async () => {
    const held = gate()
    let aborted = false
    await using scene = sceneOf({
      opening: (_, signal) => {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        return held.opened
      },
    })
    const execution = scene.broker.start(SOURCE)
    await until(() => scene.tier.openings === 1)
    const killed = execution.kill('stop')
    expect(aborted).toBe(true)
    held.open()
    await killed
    expect((await execution.result).outcome).toMatchObject({ kind: 'killed', by: 'handle' })
    expect(scene.tier.sandbox(1).calls).toBe(0)
    await until(() => scene.tier.sandbox(1).disposals === 1)
  })
})

describe('an abort signal', () => {
  it('ends the guest with the text of its reason', async () => {
    await using scene = sceneOf({ script: hang })
    const { outcome } = await scene.broker.run(SOURCE, { signal: AbortSignal.timeout(10) })
    expect(outcome).toMatchObject({ kind: 'killed', by: 'signal', reason: containing('timeout') })
  })

  it('that was aborted before keeps the guest from starting', async () => {
    await using scene = sceneOf()
    const { outcome } = await scene.broker.run(SOURCE, { signal: AbortSignal.abort('not today') })
    expect(outcome).toEqual({ kind: 'killed', by: 'signal', reason: 'not today' })
    expect(scene.tier.openings).toBe(0)
  })

  it('may serve many executions and keeps nothing of those that ended', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    const { signal } = new AbortController()
    await using scene = sceneOf()
    await Promise.all(Array.from({ length: 30 }, () => scene.broker.run(SOURCE, { signal })))
    await setImmediate()
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})
