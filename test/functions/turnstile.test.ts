import { describe, expect, it } from 'vitest'
import { type Admission, type Turn, Turnstile, type TurnstileOptions } from '../../src/functions/turnstile.ts'

const OPTIONS: TurnstileOptions = { calls: 2, callsPerTenant: 2, waiting: 3, patienceMs: 10_000 }
const turn = (tenant: string, given: Partial<Turn> = {}): Turn => ({ tenant, function: tenant, most: 10, ...given })

function leave(admission: Admission): void {
  if (admission.kind !== 'admitted') throw new Error(`not admitted: ${admission.kind}`)
  admission.leave()
}

describe('a turnstile', () => {
  it('lets so many in at once, and the next when one leaves', async () => {
    const turnstile = new Turnstile(OPTIONS)
    const first = await turnstile.enter(turn('a'))
    const second = await turnstile.enter(turn('b'))
    const third = turnstile.enter(turn('c'))
    expect(turnstile.counts).toEqual({ inside: 2, waiting: 1 })
    leave(first)
    leave(first)
    leave(await third)
    leave(second)
    expect(turnstile.counts).toEqual({ inside: 0, waiting: 0 })
  })

  it('serves waiting tenants in turn, whoever sent more', async () => {
    const turnstile = new Turnstile({ ...OPTIONS, calls: 1 })
    const inside = await turnstile.enter(turn('greedy'))
    const served: string[] = []
    const wait = async (tenant: string): Promise<void> => {
      const admission = await turnstile.enter(turn(tenant))
      served.push(tenant)
      leave(admission)
    }
    const all = ['greedy', 'greedy', 'greedy', 'quiet', 'other', 'quiet'].map(wait)
    leave(inside)
    await Promise.all(all)
    expect(served).toEqual(['greedy', 'quiet', 'other', 'greedy', 'quiet', 'greedy'])
  })

  it('keeps room for others when one tenant has its share', async () => {
    const turnstile = new Turnstile({ ...OPTIONS, calls: 3, callsPerTenant: 2 })
    const held = [await turnstile.enter(turn('a')), await turnstile.enter(turn('a'))]
    const third = turnstile.enter(turn('a'))
    const other = await turnstile.enter(turn('b'))
    expect(other.kind).toBe('admitted')
    expect(turnstile.counts).toEqual({ inside: 3, waiting: 1 })
    for (const one of [...held, other]) leave(one)
    leave(await third)
  })

  it('lets a function that is full wait without holding up another of its tenant', async () => {
    const turnstile = new Turnstile({ ...OPTIONS, calls: 5, callsPerTenant: 5 })
    const one = await turnstile.enter(turn('a', { function: 'slow', most: 1 }))
    const next = turnstile.enter(turn('a', { function: 'slow', most: 1 }))
    const other = turnstile.enter(turn('a', { function: 'quick' }))
    expect(turnstile.counts).toEqual({ inside: 1, waiting: 2 })
    leave(one)
    leave(await other)
    leave(await next)
  })

  it('turns away at once who is over the concurrency of a function, and who finds the line full', async () => {
    const turnstile = new Turnstile({ ...OPTIONS, calls: 1, waiting: 1 })
    expect(await turnstile.enter(turn('a', { concurrency: 0 }))).toEqual({ kind: 'throttled' })
    const inside = await turnstile.enter(turn('a', { concurrency: 1 }))
    expect(await turnstile.enter(turn('a', { concurrency: 1 }))).toEqual({ kind: 'throttled' })
    const waiting = turnstile.enter(turn('a'))
    expect(await turnstile.enter(turn('a'))).toEqual({ kind: 'throttled' })
    leave(inside)
    leave(await waiting)
  })

  it('tells who waited too long, and who gave up, and forgets them', async () => {
    const turnstile = new Turnstile({ ...OPTIONS, calls: 1, patienceMs: 20 })
    const inside = await turnstile.enter(turn('a'))
    expect(await turnstile.enter(turn('b'))).toEqual({ kind: 'queue_timeout' })
    const aborter = new AbortController()
    const given = turnstile.enter(turn('b', { signal: aborter.signal }))
    aborter.abort()
    expect(await given).toEqual({ kind: 'cancelled' })
    expect(await turnstile.enter(turn('b', { signal: aborter.signal }))).toEqual({ kind: 'cancelled' })
    leave(inside)
    expect(turnstile.counts).toEqual({ inside: 0, waiting: 0 })
  })
})
