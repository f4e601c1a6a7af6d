import { describe, expect, it } from 'vitest'
import { PressureMonitor } from '../../src/broker/pressure-monitor.ts'
import { DEFAULT_PRESSURE } from '../../src/broker/pressure-options.ts'
import { memoryOf } from './host.ts'

const never = new AbortController().signal
const options = { ...DEFAULT_PRESSURE, eventLoopDelayMs: 300, patienceMs: 60_000 }

/** Holds the event loop up. */
function spin(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** Lets timers that are due fire. */
const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5))

describe('the monitor of a host whose event loop is late', () => {
  it('takes one long turn for what it is', async () => {
    const levels: string[] = []
    using monitor = new PressureMonitor(
      () => memoryOf(100),
      options,
      ({ now }) => levels.push(now.level),
    )
    await turn()
    spin(600)
    await turn()
    expect(monitor.look().level).toBe('none')
    expect(levels).toEqual([])
  })

  it('counts the host as hard pressed when it is late again and again, and no more once it is not', async () => {
    const levels: string[] = []
    const watch = Promise.withResolvers<void>()
    using monitor = new PressureMonitor(
      () => memoryOf(100),
      options,
      ({ now }) => {
        levels.push(`${now.level} by ${now.measure}`)
        if (now.level === 'none') watch.resolve()
      },
    )
    for (let n = 0; n < 6 && levels.length === 0; n += 1) {
      spin(450)
      await turn()
    }
    expect(levels).toEqual(['high by eventLoop'])
    const waiting = monitor.pass({ trust: 'untrusted', memoryBytes: 1 }, never)
    await Promise.all([watch.promise, waiting])
    expect(levels).toEqual(['high by eventLoop', 'none by cgroup'])
  })
})

describe('who waits for a high pressure to fall', () => {
  it('is let in by trust and size, each as far as there is room', async () => {
    let memory = memoryOf(910)
    using monitor = new PressureMonitor(
      () => memory,
      options,
      () => {},
    )
    monitor.look()
    const order: string[] = []
    const wait = async (name: string, trust: 'untrusted' | 'hostile', mb: number): Promise<void> => {
      await monitor.pass({ trust, memoryBytes: mb * 2 ** 20 }, never)
      order.push(name)
    }
    const all = [wait('hostile', 'hostile', 8), wait('large', 'untrusted', 32), wait('small', 'untrusted', 8)]
    await turn()
    expect(order).toEqual([])
    // 20 MiB of room: no more than half of it for one who is untrusted, and a quarter for one who is hostile.
    memory = memoryOf(900)
    monitor.look()
    await turn()
    expect(order).toEqual(['small'])
    memory = memoryOf(100)
    monitor.look()
    await Promise.all(all)
    expect(order.toSorted()).toEqual(['hostile', 'large', 'small'])
  })

  it('is turned away when the monitor is disposed of', async () => {
    const monitor = new PressureMonitor(
      () => memoryOf(910),
      options,
      () => {},
    )
    monitor.look()
    const waiting = monitor.pass({ trust: 'hostile', memoryBytes: 2 ** 30 }, never)
    monitor[Symbol.dispose]()
    await expect(waiting).rejects.toMatchObject({ code: 'RF_UNDER_PRESSURE' })
  })
})
