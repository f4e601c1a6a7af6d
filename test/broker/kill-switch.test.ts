import { describe, expect, it } from 'vitest'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { Scope } from '../../src/core/types.ts'
import { containing } from './containing.ts'
import { FakeTier, hang, returned } from './fake-tier.ts'
import { gate, isSettled, until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

describe('killing a scope', () => {
  it.each<[string, (hash: string) => Scope]>([
    ['tier', () => ({ tier: 'vm' })],
    ['trust level', () => ({ trust: 'trusted' })],
    ['tenant', () => ({ tenant: 'acme' })],
    ['program', (hash) => ({ program: hash })],
  ])('ends what runs in a %s, and nothing else', async (_, scopeOf) => {
    const tiers = [new FakeTier({ id: 'vm', script: hang }), new FakeTier({ id: 'isolate', script: hang })]
    await using broker = createBrokerOf(tiers)
    const inside = broker.start('export default () => 1', { trust: 'trusted', tenant: 'acme' })
    const outside = broker.start('export default () => 2')
    await until(() => broker.stats().running === 2)
    const hash = tiers[0]?.sandbox(1).guest.program.hash ?? ''
    expect(await broker.kill(scopeOf(hash), 'incident 7')).toBe(1)
    expect((await inside.result).outcome).toEqual({ kind: 'killed', by: 'switch', reason: 'incident 7' })
    expect(await isSettled(outside.result)).toBe(false)
  })

  it('ends everything, and answers how many it ended', async () => {
    await using scene = sceneOf({ script: hang }, { maxConcurrent: 2 })
    const executions = [1, 2, 3].map(() => scene.broker.start(SOURCE))
    await until(() => scene.broker.stats().running === 2)
    expect(await scene.broker.kill({ all: true }, 'stop')).toBe(3)
    for (const { result } of executions) expect((await result).outcome.kind).toBe('killed')
    expect(await scene.broker.kill({ all: true }, 'stop')).toBe(0)
  })

  it('resolves only when nothing of them runs any more, whoever ended it', async () => {
    const held = gate()
    await using scene = sceneOf({ script: hang, killing: () => held.opened })
    const running = scene.broker.start(SOURCE)
    await until(() => scene.broker.stats().running === 1)
    void running.kill('by hand')
    const killed = scene.broker.kill({ all: true }, 'stop')
    expect(await isSettled(killed)).toBe(false)
    held.open()
    expect(await killed).toBe(0)
  })

  it('does not keep others from coming', async () => {
    await using scene = sceneOf()
    await scene.broker.kill({ all: true }, 'stop')
    expect((await scene.broker.run(SOURCE)).outcome.kind).toBe('returned')
    expect(scene.broker.blocked()).toEqual([])
  })

  it('gives up the idle sandboxes of the scope before it resolves', async () => {
    const held = gate()
    await using scene = sceneOf({ disposing: () => held.opened })
    await using program = await scene.broker.load(SOURCE, { tenant: 'acme' })
    await program.call()
    expect(await scene.broker.kill({ tenant: 'other' }, 'stop')).toBe(0)
    expect(scene.tier.sandbox(1).disposals).toBe(0)
    const killed = scene.broker.kill({ tenant: 'acme' }, 'stop')
    expect(await isSettled(killed)).toBe(false)
    held.open()
    await killed
    expect(scene.tier.sandbox(1).disposals).toBe(1)
    expect((await program.call(1)).outcome).toEqual({ kind: 'returned', value: 1 })
    expect(scene.tier.openings).toBe(2)
  })

  it('gives up a sandbox that a call left by itself in the same moment', async () => {
    const held = gate()
    await using scene = sceneOf({
      script: async () => {
        await held.opened
        return returned(1)
      },
    })
    await using program = await scene.broker.load(SOURCE)
    const running = program.start()
    held.open()
    await until(() => running.usage().outputBytes > 0)
    expect(await scene.broker.kill({ all: true }, 'stop')).toBe(0)
    expect((await running.result).outcome.kind).toBe('returned')
    expect(scene.tier.sandbox(1).disposals).toBe(1)
  })

  it('needs one scope and a reason', async () => {
    await using scene = sceneOf()
    // @ts-expect-error there is no such scope
    await expect(scene.broker.kill({}, 'x')).rejects.toThrow('Cannot kill: the scope must have exactly one key')
    await expect(scene.broker.kill({ all: true }, '')).rejects.toThrow('Cannot kill: the reason must not be empty')
    // @ts-expect-error there is no such scope
    await expect(scene.broker.block({ owner: 'x' }, 'x')).rejects.toThrow('Cannot block: ')
    // @ts-expect-error there is no such tier
    await expect(scene.broker.unblock({ tier: 'moon' })).rejects.toThrow('Cannot unblock: ')
  })
})

describe('blocking a scope', () => {
  it.each<Scope>([{ all: true }, { tier: 'isolate' }, { trust: 'untrusted' }, { tenant: 'acme' }])(
    'refuses what comes in %j, until it is unblocked',
    async (scope) => {
      await using scene = sceneOf()
      await scene.broker.block(scope, 'incident 7')
      expect(scene.broker.blocked()).toEqual([{ scope, reason: 'incident 7', by: 'operator' }])
      const execution = await scene.broker.run(SOURCE, { tenant: 'acme' })
      expect(execution.outcome).toMatchObject({ kind: 'refused', reason: containing('incident 7') })
      expect(execution.tier).toBe('isolate')
      expect(scene.tier.openings).toBe(0)
      expect(await scene.broker.unblock(scope)).toBe(true)
      expect(await scene.broker.unblock(scope)).toBe(false)
      expect((await scene.broker.run(SOURCE, { tenant: 'acme' })).outcome.kind).toBe('returned')
    },
  )

  it('does not refuse what is outside', async () => {
    await using scene = sceneOf()
    await scene.broker.block({ tenant: 'acme' }, 'incident 7')
    await scene.broker.block({ program: 'f00' }, 'incident 8')
    expect((await scene.broker.run(SOURCE)).outcome.kind).toBe('returned')
  })

  it('names the block in the reason', async () => {
    await using scene = sceneOf()
    await scene.broker.block({ tenant: 'acme' }, 'unpaid')
    const { outcome } = await scene.broker.run(SOURCE, { tenant: 'acme' })
    expect(outcome).toEqual({ kind: 'refused', reason: 'Blocked for tenant "acme": unpaid' })
  })

  it('ends what runs and what waits', async () => {
    await using scene = sceneOf({ script: hang }, { maxConcurrent: 1 })
    const executions = [1, 2].map(() => scene.broker.start(SOURCE))
    await until(() => scene.broker.stats().running === 1)
    expect(await scene.broker.block({ tier: 'isolate' }, 'incident 7')).toBe(2)
    for (const { result } of executions) {
      expect((await result).outcome).toEqual({ kind: 'killed', by: 'switch', reason: 'incident 7' })
    }
    expect(scene.tier.openings).toBe(1)
  })

  it('replaces the reason of the same scope, and lets blocks of other scopes stand', async () => {
    await using scene = sceneOf()
    await scene.broker.block({ tenant: 'acme' }, 'first')
    await scene.broker.block({ tenant: 'acme' }, 'second')
    await scene.broker.block({ all: true }, 'everything')
    expect(scene.broker.blocked()).toHaveLength(2)
    await scene.broker.unblock({ tenant: 'acme' })
    expect(scene.broker.blocked()).toEqual([{ scope: { all: true }, reason: 'everything', by: 'operator' }])
    expect((await scene.broker.run(SOURCE, { tenant: 'acme' })).outcome.kind).toBe('refused')
  })

  it('reaches loaded programs, which are not kept warm meanwhile', async () => {
    await using scene = sceneOf()
    await using program = await scene.broker.load(SOURCE, { tenant: 'acme' })
    await scene.broker.block({ tenant: 'acme' }, 'unpaid')
    expect((await program.call()).outcome.kind).toBe('refused')
    await using second = await scene.broker.load(SOURCE, { tenant: 'acme' })
    expect((await second.call()).outcome.kind).toBe('refused')
    expect(scene.tier.openings).toBe(1)
    await scene.broker.unblock({ tenant: 'acme' })
    expect((await program.call()).outcome.kind).toBe('returned')
    expect((await second.call()).outcome.kind).toBe('returned')
  })
})
