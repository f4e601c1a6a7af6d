import { describe, expect, it } from 'vitest'
import { Reservations } from '../../src/broker/reservations.ts'
import { isSettled } from './gate.ts'

const never = new AbortController().signal

/** Reservations in so much room, of which guests hold so much. */
function reservations({ room = 100, held = 0, overcommit = 1 }: { room?: number; held?: number; overcommit?: number }) {
  return new Reservations({ room: () => room, held: () => held }, overcommit)
}

describe('reservations of memory', () => {
  it('are made while there is room for all of them together', () => {
    const memory = reservations({})
    expect(memory.tryTake(60)).toBeDefined()
    expect(memory.tryTake(40)).toBeDefined()
    expect(memory.tryTake(1)).toBeUndefined()
  })

  it('may exceed the room by the factor that was chosen', () => {
    const memory = reservations({ overcommit: 2 })
    expect(memory.tryTake(150)).toBeDefined()
    expect(memory.tryTake(50)).toBeDefined()
    expect(memory.tryTake(1)).toBeUndefined()
  })

  it('do not count twice what a guest has taken already', () => {
    const memory = reservations({ room: 50, held: 50 })
    expect(memory.tryTake(60)).toBeDefined()
    expect(memory.tryTake(40)).toBeDefined()
    expect(memory.tryTake(1)).toBeUndefined()
  })

  it('let one in, however large', () => {
    const memory = reservations({ room: 0 })
    expect(memory.tryTake(1000)).toBeDefined()
    expect(memory.tryTake(1)).toBeUndefined()
  })

  it('cost nothing where no limit is set, and for those who ask for none', () => {
    const free = new Reservations({ room: () => undefined, held: () => 0 }, 1)
    expect([1000, 1000].map((bytes) => free.tryTake(bytes) !== undefined)).toEqual([true, true])
    const full = reservations({ room: 0 })
    full.tryTake(1)
    expect(full.tryTake(0)).toBeDefined()
  })

  it('are made in the order they were asked for, and a small one does not overtake', async () => {
    const memory = reservations({})
    const first = await memory.take(100, never)
    const large = memory.take(90, never)
    const small = memory.take(20, never)
    expect(memory.tryTake(0)).toBeDefined()
    first.release()
    const held = await large
    expect(memory.tryTake(1)).toBeUndefined()
    expect(await isSettled(small)).toBe(false)
    held.release()
    await small
  })

  it('are given back once, however often they are released', () => {
    const memory = reservations({})
    const held = memory.tryTake(50)
    memory.tryTake(50)
    held?.release()
    held?.release()
    expect(memory.tryTake(50)).toBeDefined()
    expect(memory.tryTake(50)).toBeUndefined()
  })

  it('are forgotten when who waits for one is aborted', async () => {
    const memory = reservations({})
    const held = await memory.take(100, never)
    const abort = new AbortController()
    const aborted = memory.take(100, abort.signal)
    const patient = memory.take(100, never)
    abort.abort()
    await expect(aborted).rejects.toThrow('Cannot wait for memory')
    held.release()
    const turn = await patient
    turn.release()
    expect(memory.tryTake(100)).toBeDefined()
  })
})
