import { describe, expect, it } from 'vitest'
import type { Running } from '../../src/broker/broker.ts'
import type { RunOptions } from '../../src/broker/options.ts'
import { hang, returned } from './fake-tier.ts'
import { gate, until } from './gate.ts'
import { type Scene, SOURCE, sceneOf } from './scene.ts'

/** A scene in which one guest runs and another waits for its turn. */
async function fullScene(options: RunOptions = {}): Promise<Scene & { queued: Running }> {
  const scene = sceneOf({ script: hang }, { maxConcurrent: 1 })
  scene.broker.start(SOURCE, { tenant: 'first' })
  await until(() => scene.broker.stats().running === 1)
  const queued = scene.broker.start(SOURCE, { tenant: 'second', ...options })
  expect(scene.broker.stats()).toMatchObject({ running: 1, queued: 1 })
  return { ...scene, queued }
}

/** Who ended the execution that was waiting, if it truly never ran. */
async function endedBy({ tier, queued }: Scene & { queued: Running }): Promise<string | undefined> {
  const { outcome, usage } = await queued.result
  const neverRan = usage.wallMs === 0 && usage.startMs === 0 && usage.queuedMs > 0 && tier.openings === 1
  return neverRan && outcome.kind === 'killed' ? outcome.by : undefined
}

describe('an execution that waits for its turn', () => {
  it('settles at once when it is killed', async () => {
    await using scene = await fullScene()
    await scene.queued.kill('changed my mind')
    expect(await endedBy(scene)).toBe('handle')
    expect(scene.broker.stats()).toMatchObject({ running: 1, queued: 0 })
  })

  it('settles at once when its signal is aborted', async () => {
    const abort = new AbortController()
    await using scene = await fullScene({ signal: abort.signal })
    abort.abort()
    expect(await endedBy(scene)).toBe('signal')
  })

  it('settles at once when its scope is killed or blocked', async () => {
    await using killed = await fullScene()
    await killed.broker.kill({ tenant: 'second' }, 'stop')
    expect(await endedBy(killed)).toBe('switch')
    await using blocked = await fullScene()
    await blocked.broker.block({ tenant: 'second' }, 'stop')
    expect(await endedBy(blocked)).toBe('switch')
  })

  it('settles when the broker is closed', async () => {
    const scene = await fullScene()
    await scene.broker.close()
    expect(await endedBy(scene)).toBe('close')
  })

  it('runs when its turn comes, in the order in which they came', async () => {
    const gates = [gate(), gate(), gate()]
    await using scene = sceneOf(
      {
        script: async (call) => {
          await gates[Number(call.input.slice(1))]?.opened
          return returned(1)
        },
      },
      { maxConcurrent: 1 },
    )
    const ended: number[] = []
    const executions = gates.map(async (_, input) => {
      await scene.broker.run(SOURCE, { input })
      ended.push(input)
    })
    for (const { open } of gates.toReversed()) open()
    await Promise.all(executions)
    expect(ended).toEqual([0, 1, 2])
  })

  it('does not wait while there is room', async () => {
    await using scene = sceneOf({ script: hang }, { maxConcurrent: 3 })
    for (let count = 0; count < 3; count += 1) scene.broker.start(SOURCE)
    await until(() => scene.broker.stats().running === 3)
    expect(scene.broker.stats().queued).toBe(0)
  })
})
