import { describe, expect, it } from 'vitest'
import { FirstCause } from '../../src/broker/first-cause.ts'

describe('the race of causes', () => {
  it('keeps the first outcome and refuses every later one', async () => {
    const race = new FirstCause()
    expect(race.settle({ kind: 'exceeded', limit: 'wallMs' })).toBe(true)
    expect(race.settle({ kind: 'crashed', detail: 'late' })).toBe(false)
    expect(race.outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    await race.decided
  })

  it('aborts its signal with the first outcome, whenever the signal was asked for', () => {
    const early = new FirstCause()
    const { signal } = early
    expect(signal.aborted).toBe(false)
    early.settle({ kind: 'refused', reason: 'no' })
    expect(signal.aborted).toBe(true)
    const late = new FirstCause()
    late.settle({ kind: 'refused', reason: 'no' })
    expect(late.signal.aborted).toBe(true)
  })

  it('has no outcome before somebody tells one', () => {
    expect(new FirstCause().outcome).toBeUndefined()
  })
})
