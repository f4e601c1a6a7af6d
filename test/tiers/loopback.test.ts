import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { loopback } from '../../src/tiers/loopback.ts'

const ignore = (): void => {}

describe('a loopback', () => {
  it('delivers in a later job than it was posted from, both ways', async () => {
    const [near, far] = loopback<unknown, unknown>()
    const heard: unknown[] = []
    far.listen((head, text) => {
      heard.push([head, text])
      far.post('answer')
    }, ignore)
    near.listen((head, text) => heard.push([head, text]), ignore)
    near.post('question', 'why')
    expect(heard).toEqual([])
    await expect
      .poll(() => heard)
      .toEqual([
        ['question', 'why'],
        ['answer', ''],
      ])
  })

  it('keeps the order of its messages, also of those posted while earlier ones wait for a turn', async () => {
    const [near, far] = loopback<number, never>()
    const heard: unknown[] = []
    far.listen((head) => {
      heard.push(head)
      if (head === 1) near.post(3)
    }, ignore)
    // Long enough without a message for the next ones to wait for a turn of the event loop.
    await setTimeout(20)
    near.post(1)
    near.post(2)
    await expect.poll(() => heard.length).toBe(3)
    expect(heard).toEqual([1, 2, 3])
  })

  it('lets the event loop turn while messages go to and fro without end', async () => {
    const [near, far] = loopback<number, number>()
    let rounds = 0
    far.listen(() => far.post(0), ignore)
    near.listen(() => {
      rounds += 1
      near.post(0)
    }, ignore)
    near.post(0)
    const start = performance.now()
    await setTimeout(20)
    expect(performance.now() - start).toBeLessThan(1000)
    expect(rounds).toBeGreaterThan(100)
    near.close()
  })

  it('tells the other end once that it was closed, and carries nothing afterwards', async () => {
    const [near, far] = loopback<string, string>()
    const heard: unknown[] = []
    far.listen(
      (head) => heard.push(head),
      (cause) => heard.push(cause),
    )
    near.listen(
      (head) => heard.push(head),
      (cause) => heard.push(cause),
    )
    near.close()
    near.close()
    near.post('late')
    far.post('later')
    far.close()
    await setImmediate()
    await setImmediate()
    expect(heard).toEqual(['closed'])
  })
})
