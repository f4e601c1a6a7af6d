import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Ticker } from '../../src/broker/ticker.ts'
import { gate } from './gate.ts'

describe('the ticker', () => {
  it('looks at everything with one timer, and at nothing that was taken away', async () => {
    using ticker = new Ticker()
    const done = gate()
    let kept = 0
    let dropped = 0
    const leaving = {
      tick: (): void => {
        dropped += 1
        ticker.delete(leaving)
      },
    }
    ticker.add(leaving)
    ticker.add({
      tick: () => {
        kept += 1
        if (kept === 3) done.open()
      },
    })
    await done.opened
    expect(dropped).toBe(1)
  })

  it('begins again after it came to rest', async () => {
    using ticker = new Ticker()
    let ticks = 0
    const once = (): Promise<void> => {
      const { opened, open } = gate()
      const ticking = {
        tick: (): void => {
          ticks += 1
          ticker.delete(ticking)
          open()
        },
      }
      ticker.add(ticking)
      return opened
    }
    await once()
    await setTimeout(20)
    await once()
    expect(ticks).toBe(2)
  })
})
