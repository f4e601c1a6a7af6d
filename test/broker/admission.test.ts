import { describe, expect, it } from 'vitest'
import { Admission } from '../../src/broker/admission.ts'
import { isSettled } from './gate.ts'

const never = new AbortController().signal

describe('admission', () => {
  it('lets as many take a turn as there are, and no more', () => {
    const admission = new Admission(2)
    expect(admission.tryTake()).toBeDefined()
    expect(admission.tryTake()).toBeDefined()
    expect(admission.tryTake()).toBeUndefined()
  })

  it('admits those who wait in the order they came', async () => {
    const admission = new Admission(1)
    const held = await admission.take(never)
    const order: string[] = []
    const waiting = ['first', 'second', 'third'].map(async (name) => {
      const turn = await admission.take(never)
      order.push(name)
      turn.release()
    })
    held.release()
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second', 'third'])
  })

  it('lets nobody overtake a waiting one', async () => {
    const admission = new Admission(1)
    const held = await admission.take(never)
    const waiting = admission.take(never)
    held.release()
    expect(admission.tryTake()).toBeUndefined()
    const turn = await waiting
    turn.release()
    expect(admission.tryTake()).toBeDefined()
  })

  it('gives back one turn when it is released twice', async () => {
    const admission = new Admission(1)
    const held = await admission.take(never)
    held.release()
    held.release()
    expect(admission.tryTake()).toBeDefined()
    expect(admission.tryTake()).toBeUndefined()
  })

  it('forgets who stopped waiting', async () => {
    const admission = new Admission(1)
    const held = await admission.take(never)
    const abort = new AbortController()
    const aborted = admission.take(abort.signal)
    const patient = admission.take(never)
    abort.abort()
    await expect(aborted).rejects.toThrow('Cannot wait for a turn')
    expect(await isSettled(patient)).toBe(false)
    held.release()
    await patient
  })

  it('does not start waiting for who was aborted before', async () => {
    const admission = new Admission(1)
    await admission.take(never)
    await expect(admission.take(AbortSignal.abort())).rejects.toThrow('Cannot wait for a turn')
  })
})
