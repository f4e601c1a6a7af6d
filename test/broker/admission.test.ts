import { describe, expect, it } from 'vitest'
import { Admission, type Gate } from '../../src/broker/admission.ts'
import type { Demand } from '../../src/broker/pressure-level.ts'
import { Reservations } from '../../src/broker/reservations.ts'
import { isSettled } from './gate.ts'

const never = new AbortController().signal
const demand: Demand = { trust: 'untrusted', memoryBytes: 1 }
/** The host is not hard pressed. */
const open: Gate = { admits: () => true, pass: () => Promise.resolve() }
const plenty = (room?: number): Reservations => new Reservations({ room: () => room, held: () => 0 }, 1)

describe('admission', () => {
  it('lets as many take a turn as there are, and no more', () => {
    const admission = new Admission(2, open, plenty())
    expect(admission.tryTake(demand)).toBeDefined()
    expect(admission.tryTake(demand)).toBeDefined()
    expect(admission.tryTake(demand)).toBeUndefined()
  })

  it('admits those who wait in the order they came', async () => {
    const admission = new Admission(1, open, plenty())
    const held = await admission.take(demand, never)
    const order: string[] = []
    const waiting = ['first', 'second', 'third'].map(async (name) => {
      const turn = await admission.take(demand, never)
      order.push(name)
      turn.release()
    })
    held.release()
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second', 'third'])
  })

  it('lets nobody overtake a waiting one', async () => {
    const admission = new Admission(1, open, plenty())
    const held = await admission.take(demand, never)
    const waiting = admission.take(demand, never)
    held.release()
    expect(admission.tryTake(demand)).toBeUndefined()
    const turn = await waiting
    turn.release()
    expect(admission.tryTake(demand)).toBeDefined()
  })

  it('gives back one turn when it is released twice', async () => {
    const admission = new Admission(1, open, plenty())
    const held = await admission.take(demand, never)
    held.release()
    held.release()
    expect(admission.tryTake(demand)).toBeDefined()
    expect(admission.tryTake(demand)).toBeUndefined()
  })

  it('forgets who stopped waiting', async () => {
    const admission = new Admission(1, open, plenty())
    const held = await admission.take(demand, never)
    const abort = new AbortController()
    const aborted = admission.take(demand, abort.signal)
    const patient = admission.take(demand, never)
    abort.abort()
    await expect(aborted).rejects.toThrow('Cannot wait for a turn')
    expect(await isSettled(patient)).toBe(false)
    held.release()
    await patient
  })

  it('does not start waiting for who was aborted before', async () => {
    const admission = new Admission(1, open, plenty())
    await admission.take(demand, never)
    await expect(admission.take(demand, AbortSignal.abort())).rejects.toThrow('Cannot wait for a turn')
  })

  it('holds no turn while somebody waits for memory, which trusted code never does', async () => {
    const admission = new Admission(2, open, plenty(10))
    const held = await admission.take({ trust: 'untrusted', memoryBytes: 10 }, never)
    const waiting = admission.take({ trust: 'untrusted', memoryBytes: 10 }, never)
    expect(await isSettled(waiting)).toBe(false)
    const trusted = admission.tryTake({ trust: 'trusted', memoryBytes: 1000 })
    expect(trusted).toBeDefined()
    held.release()
    await waiting
  })

  it('counts what the place of a guest takes as well', () => {
    const admission = new Admission(2, open, plenty(10))
    expect(admission.tryTake({ trust: 'hostile', memoryBytes: 5 })).toBeDefined()
    expect(admission.tryTake({ trust: 'hostile', memoryBytes: 5, placeBytes: 1 })).toBeUndefined()
    expect(admission.tryTake({ trust: 'hostile', memoryBytes: 5 })).toBeDefined()
  })

  it('gives back the memory of who was aborted in the line', async () => {
    const admission = new Admission(1, open, plenty(10))
    const held = await admission.take({ trust: 'untrusted', memoryBytes: 5 }, never)
    const abort = new AbortController()
    const aborted = admission.take({ trust: 'untrusted', memoryBytes: 5 }, abort.signal)
    abort.abort()
    await expect(aborted).rejects.toThrow('Cannot wait for a turn')
    held.release()
    expect(admission.tryTake({ trust: 'untrusted', memoryBytes: 10 })).toBeDefined()
  })

  it('gives the turn of who waited too long for it to somebody else, when the gate closed meanwhile', async () => {
    let closed = false
    const gate: Gate = {
      admits: ({ trust }) => {
        if (closed && trust !== 'trusted') throw new Error('the gate is closed')
        return true
      },
      pass: () => Promise.resolve(),
    }
    const admission = new Admission(1, gate, plenty())
    const held = await admission.take(demand, never)
    const late = admission.take(demand, never)
    const next = admission.take({ trust: 'trusted', memoryBytes: 1 }, never)
    closed = true
    held.release()
    await expect(late).rejects.toThrow('the gate is closed')
    const turn = await next
    turn.release()
    expect(admission.tryTake({ trust: 'trusted', memoryBytes: 1 })).toBeDefined()
  })
})
