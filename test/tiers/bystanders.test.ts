import { describe, expect, it } from 'vitest'
import type { Ending, HostFunctions, Sandbox } from '../../src/core/sandbox.ts'
import { CarrierLost } from '../../src/tiers/carrier-errors.ts'
import { callOf, type FarSide, farSide, guestOf, record } from './far-side.ts'
import { opened } from './under-way.ts'

const never = new AbortController().signal
const FUNCTIONS: HostFunctions = new Map([['host/lookup', { sync: false, invoke: () => 'J[1]' }]])

/** A guest that does not let go is killed, and its carrier with it. */
async function killStuck(far: FarSide, stuck: Sandbox): Promise<void> {
  const ending = stuck.run(callOf([], true))
  far.say({ t: 'stuck', s: 0 })
  await stuck.kill()
  expect(await ending).toMatchObject({ kind: 'crashed', started: true })
}

/** How the call of a neighbour ends that has reported these records by then. */
async function besideStuck(records: string, mayMove = true): Promise<Ending> {
  const far = farSide()
  const stuck = await opened(far)
  const neighbour = await opened(far, FUNCTIONS)
  const ending = neighbour.run(callOf([], mayMove))
  far.say({ t: 'out', s: 1 }, records)
  await killStuck(far, stuck)
  expect(far.ended).toBe(1)
  return ending
}

describe('when a carrier is ended on account of one guest', () => {
  it('the call of a neighbour may be made elsewhere', async () => {
    expect(await besideStuck('')).toEqual({ kind: 'displaced' })
  })

  it.each([
    ['has logged', record('L', '0;'), true],
    ['has called the host', record('H', 'host/lookup\nJ[]', 1), true],
    ['may not move', '', false],
  ])('one that %s is over, as it cannot be made twice', async (_, records, mayMove) => {
    expect(await besideStuck(records, mayMove)).toMatchObject({ kind: 'crashed', started: true })
  })

  it('who comes to it has had no turn, and goes elsewhere if that may be', async () => {
    const far = farSide()
    const stuck = await opened(far)
    const neighbour = await opened(far)
    const killing = killStuck(far, stuck)
    await expect.poll(() => far.ended).toBe(1)
    expect(await neighbour.run(callOf([], true))).toEqual({ kind: 'displaced' })
    expect(await neighbour.run(callOf())).toMatchObject({ kind: 'crashed', started: false })
    await killing
  })

  it('who was being opened is told that it was not by its doing', async () => {
    const far = farSide()
    const stuck = await opened(far)
    const opening = far.relay.open(guestOf(), never).catch((error: unknown) => error)
    await killStuck(far, stuck)
    expect(await opening).toBeInstanceOf(CarrierLost)
    await expect(far.relay.open(guestOf(), never)).rejects.toBeInstanceOf(CarrierLost)
  })
})

it('when a carrier dies by itself nobody is innocent', async () => {
  const far = farSide()
  const endings = [await opened(far), await opened(far)].map((sandbox) => sandbox.run(callOf([], true)))
  const opening = far.relay.open(guestOf(), never).catch((error: unknown) => error)
  far.cut('it died')
  expect(await opening).toMatchObject({ code: 'RF_CARRIER_FAILED' })
  expect(await opening).not.toBeInstanceOf(CarrierLost)
  const crashed = { kind: 'crashed', detail: 'it died', started: true }
  expect(await Promise.all(endings)).toEqual([crashed, crashed])
})
