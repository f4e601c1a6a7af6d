import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { QuarantineEvent } from '../../src/broker/events.ts'
import type { BrokerOptions } from '../../src/broker/options.ts'
import type { Ending } from '../../src/core/sandbox.ts'
import { hang, returned, type Script } from './fake-tier.ts'
import { gate, until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

const OVER_TIME = { kind: 'exceeded', limit: 'wallMs' } as const
const CRASHED: Ending = { kind: 'crashed', detail: 'its engine failed', started: true }
const crash: Script = async () => {
  await delay(1)
  return CRASHED
}
const byTenant: BrokerOptions = { quarantine: { failures: 2, windowMs: 60_000, scope: 'tenant' } }
const byProgram: BrokerOptions = { quarantine: { failures: 2, windowMs: 60_000, scope: 'program' } }

describe('a quarantine', () => {
  it('blocks a tenant that ended badly so many times, ends what it still runs, and tells', async () => {
    let calls = 0
    await using scene = sceneOf(
      { script: (call, sandbox) => ((calls += 1) === 1 ? hang : crash)(call, sandbox) },
      byTenant,
    )
    const events: QuarantineEvent[] = []
    scene.broker.on('quarantined', (event) => events.push(event))
    const running = scene.broker.start(SOURCE, { tenant: 'acme' })
    await until(() => calls === 1)
    await scene.broker.run(SOURCE, { tenant: 'acme' })
    expect(scene.broker.blocked()).toEqual([])
    await scene.broker.run('export default () => 2', { tenant: 'acme' })
    const reason = 'Quarantined: ended badly 2 times within 60000 ms, at last crashed'
    expect(scene.broker.blocked()).toEqual([{ scope: { tenant: 'acme' }, reason, by: 'quarantine' }])
    expect(events).toEqual([{ scope: { tenant: 'acme' }, reason }])
    expect((await running.result).outcome).toEqual({ kind: 'killed', by: 'switch', reason })
    const { outcome } = await scene.broker.run(SOURCE, { tenant: 'acme' })
    expect(outcome).toEqual({ kind: 'refused', reason: `Blocked for tenant "acme": ${reason}` })
    expect((await scene.broker.run(SOURCE, { tenant: 'other' })).outcome.kind).toBe('crashed')
  })

  it('blocks a program, whoever runs it, and no other', async () => {
    await using scene = sceneOf({ script: crash }, byProgram)
    await scene.broker.run(SOURCE, { tenant: 'a' })
    await scene.broker.run(SOURCE, { tenant: 'b' })
    expect((await scene.broker.run(SOURCE, { tenant: 'c' })).outcome.kind).toBe('refused')
    expect((await scene.broker.run('export default () => 2', { tenant: 'a' })).outcome.kind).toBe('crashed')
  })

  it('reaches the calls of a loaded program', async () => {
    await using scene = sceneOf({ script: crash }, byProgram)
    await using program = await scene.broker.load(SOURCE)
    const kinds = []
    for (let call = 0; call < 3; call += 1) kinds.push((await program.call()).outcome.kind)
    expect(kinds).toEqual(['crashed', 'crashed', 'refused'])
    await scene.broker.unblock({ program: program.hash ?? '' })
    expect((await program.call()).outcome.kind).toBe('crashed')
  })

  it('is lifted by unblock, after which counting starts anew', async () => {
    await using scene = sceneOf({ script: crash }, byTenant)
    for (let call = 0; call < 2; call += 1) await scene.broker.run(SOURCE, { tenant: 'acme' })
    expect(await scene.broker.unblock({ tenant: 'acme' })).toBe(true)
    expect((await scene.broker.run(SOURCE, { tenant: 'acme' })).outcome.kind).toBe('crashed')
    expect(scene.broker.blocked()).toEqual([])
    await scene.broker.run(SOURCE, { tenant: 'acme' })
    expect(scene.broker.blocked()).toHaveLength(1)
  })

  it.each<[string, Ending, boolean]>([
    ['its wall time', { kind: 'exceeded', limit: 'wallMs' }, true],
    ['its CPU time', { kind: 'exceeded', limit: 'cpuMs' }, true],
    ['its memory', { kind: 'exceeded', limit: 'memoryBytes' }, true],
    ['its output', { kind: 'exceeded', limit: 'outputBytes' }, false],
    ['nothing, when it throws', { kind: 'threw', error: { name: 'Error', message: 'x' } }, false],
    ['nothing, when it returns', returned(1), false],
  ])('counts a guest that exceeded %s: %j', async (_, ending, counts) => {
    await using scene = sceneOf({ script: () => ending }, byTenant)
    for (let call = 0; call < 3; call += 1) await scene.broker.run(SOURCE)
    expect(scene.broker.blocked()).toHaveLength(counts ? 1 : 0)
  })

  it('does not blame a guest whose carrier could not be started', async () => {
    await using scene = sceneOf({ opening: () => Promise.reject(new Error('no memory')) }, byTenant)
    for (let call = 0; call < 3; call += 1) {
      expect((await scene.broker.run(SOURCE)).outcome.kind).toBe('crashed')
    }
    expect(scene.broker.blocked()).toEqual([])
  })

  it('does not count what was killed, by it or by others', async () => {
    await using scene = sceneOf({ script: hang }, byTenant)
    for (let call = 0; call < 3; call += 1) await scene.broker.start(SOURCE).kill('changed my mind')
    expect(scene.broker.blocked()).toEqual([])
  })

  it('forgets what lies further back than its window', async () => {
    await using scene = sceneOf({ script: crash }, { quarantine: { failures: 2, windowMs: 20, scope: 'tenant' } })
    for (let call = 0; call < 3; call += 1) {
      await scene.broker.run(SOURCE)
      await delay(30)
    }
    expect(scene.broker.blocked()).toEqual([])
  })

  it("leaves an operator's own block as it is", async () => {
    const held = gate()
    const options: BrokerOptions = { quarantine: { failures: 1, windowMs: 60_000, scope: 'tenant' } }
    await using scene = sceneOf({ script: () => OVER_TIME, killing: () => held.opened }, options)
    const failing = scene.broker.run(SOURCE, { tenant: 'acme' })
    await until(() => scene.tier.sandboxes[0]?.kills === 1)
    const blocked = scene.broker.block({ tenant: 'acme' }, 'incident 7')
    held.open()
    expect((await failing).outcome).toEqual(OVER_TIME)
    await blocked
    expect(scene.broker.blocked()).toMatchObject([{ reason: 'incident 7', by: 'operator' }])
  })

  it('does nothing unless it is asked for', async () => {
    await using scene = sceneOf({ script: crash })
    for (let call = 0; call < 5; call += 1) await scene.broker.run(SOURCE)
    expect(scene.broker.blocked()).toEqual([])
  })

  it('remembers a bounded number of tenants, those that failed last', async () => {
    await using scene = sceneOf({ script: () => OVER_TIME }, byTenant)
    await scene.broker.run(SOURCE, { tenant: 'first' })
    for (let nth = 0; nth < 10_000; nth += 1) await scene.broker.run(SOURCE, { tenant: `flood ${nth}` })
    await scene.broker.run(SOURCE, { tenant: 'first' })
    expect(scene.broker.blocked()).toEqual([])
    await scene.broker.run(SOURCE, { tenant: 'flood 9999' })
    expect(scene.broker.blocked()).toMatchObject([{ scope: { tenant: 'flood 9999' } }])
  })

  it('keeps a bounded number of quarantines, the oldest going first, and never an operator’s block', async () => {
    const options: BrokerOptions = { quarantine: { failures: 1, windowMs: 1000, scope: 'tenant' } }
    await using scene = sceneOf({ script: () => OVER_TIME }, options)
    await scene.broker.block({ tenant: 'mine' }, 'stays')
    for (let nth = 0; nth < 10_002; nth += 1) await scene.broker.run(SOURCE, { tenant: `flood ${nth}` })
    const blocked = scene.broker.blocked()
    expect(blocked).toHaveLength(10_001)
    expect(blocked.slice(0, 2)).toMatchObject([{ reason: 'stays' }, { scope: { tenant: 'flood 2' } }])
  })

  it.each<[unknown, ErrorConstructor, string]>([
    [7, TypeError, '"quarantine" must be an object, received 7'],
    [{ failures: 1, windowMs: 1, scope: 'tenant', of: 'all' }, TypeError, '"quarantine" must not have a key "of"'],
    [{ windowMs: 1, scope: 'tenant' }, TypeError, '"quarantine.failures" must be a number, received undefined'],
    [{ failures: 0, windowMs: 1, scope: 'tenant' }, RangeError, '"quarantine.failures" must be a whole number of'],
    [{ failures: 101, windowMs: 1, scope: 'tenant' }, RangeError, '"quarantine.failures" must be at most 100'],
    [{ failures: 1, windowMs: 1e12, scope: 'tenant' }, RangeError, '"quarantine.windowMs" must be at most'],
    [{ failures: 1, windowMs: 1, scope: 'tier' }, RangeError, '"quarantine.scope" must be one of "program"'],
  ])('is refused when it is %j', (quarantine, kind, problem) => {
    // What plain JavaScript may pass.
    const create = (): unknown => createBrokerOf([], { quarantine } as BrokerOptions)
    expect(create).toThrow(kind)
    expect(create).toThrow(`Cannot create broker: ${problem}`)
  })
})
