import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { callsPerSecond, interleave, timeCalls } from '../../bench/interleave.ts'

describe('interleave', () => {
  it('takes the rounds of all contenders in turn, after one round of each that does not count', async () => {
    const order: string[] = []
    const contender = (name: string) => () => {
      order.push(name)
      return [order.length]
    }
    const rounds = await interleave([contender('a'), contender('b')], 2)
    expect(order.join('')).toBe('ababab')
    expect(rounds).toEqual([
      [[3], [5]],
      [[4], [6]],
    ])
  })

  it('ends with the failure of a contender', async () => {
    await expect(interleave([() => Promise.reject(new Error('no'))], 1)).rejects.toThrow('no')
  })
})

describe('timeCalls', () => {
  it('makes the calls one after the other', async () => {
    let under = 0
    let most = 0
    const samples = await timeCalls(3, async () => {
      under += 1
      most = Math.max(most, under)
      await Promise.resolve()
      under -= 1
    })
    expect(samples).toHaveLength(3)
    expect(most).toBe(1)
  })
})

describe('callsPerSecond', () => {
  it('keeps that many calls under way', async () => {
    let under = 0
    let most = 0
    const rate = await callsPerSecond(8, 5, async () => {
      under += 1
      most = Math.max(most, under)
      await nextTurn()
      under -= 1
    })
    expect(most).toBe(8)
    expect(under).toBe(0)
    expect(rate).toBeGreaterThan(0)
  })
})
