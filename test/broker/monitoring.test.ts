import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { MemoryEvent } from '../../src/broker/events.ts'
import type { Execution } from '../../src/core/types.ts'
import { containing } from './containing.ts'
import { hang, returned } from './fake-tier.ts'
import { until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

const MIB = 1024 * 1024

describe('the watch over CPU time', () => {
  it('ends a guest that used more than it may', async () => {
    await using scene = sceneOf({
      script: (_, sandbox) => {
        sandbox.measured = { cpuMs: 51 }
        return hang({} as never, sandbox)
      },
    })
    const { outcome, usage } = await scene.broker.run(SOURCE, { limits: { cpuMs: 50 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'cpuMs' })
    expect(usage.cpuMs).toBe(51)
  })

  it('does not end a guest that used just what it may', async () => {
    await using scene = sceneOf({
      script: async (_, sandbox) => {
        sandbox.measured = { cpuMs: 50 }
        await setTimeout(20)
        return returned(1)
      },
    })
    expect((await scene.broker.run(SOURCE, { limits: { cpuMs: 50 } })).outcome.kind).toBe('returned')
  })

  it('counts a result that cost more than it may as exceeded, even between two samples', async () => {
    await using scene = sceneOf({
      script: (_, sandbox) => {
        sandbox.measured = { cpuMs: 51 }
        return returned(1)
      },
    })
    const { outcome } = await scene.broker.run(SOURCE, { limits: { cpuMs: 50 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'cpuMs' })
  })
})

describe('the watch over memory', () => {
  it('ends a guest that holds more than it may', async () => {
    await using scene = sceneOf({
      script: (_, sandbox) => {
        sandbox.measured = { memoryBytes: 10 * MIB + 1 }
        return hang({} as never, sandbox)
      },
    })
    const { outcome, usage } = await scene.broker.run(SOURCE, { limits: { memoryBytes: 10 * MIB } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'memoryBytes' })
    expect(usage.peakMemoryBytes).toBe(10 * MIB + 1)
  })

  it('tells once that a guest passed 80 % of its limit, while it still runs', async () => {
    await using scene = sceneOf({ script: hang })
    const told: MemoryEvent[] = []
    scene.broker.on('memory', (event) => told.push(event))
    const running = scene.broker.start(SOURCE, { tenant: 'acme', limits: { memoryBytes: 10 * MIB } })
    await until(() => scene.broker.stats().running === 1)
    scene.tier.sandbox(1).measured = { memoryBytes: 8 * MIB - 1 }
    await setTimeout(20)
    expect(told).toEqual([])
    for (const memoryBytes of [8 * MIB, 9 * MIB, MIB, 9 * MIB]) {
      scene.tier.sandbox(1).measured = { memoryBytes }
      await setTimeout(15)
    }
    await running.kill('enough')
    expect(told).toMatchObject([
      {
        id: running.id,
        tier: 'isolate',
        trust: 'untrusted',
        tenant: 'acme',
        program: scene.tier.sandbox(1).guest.program.hash,
        memoryBytes: 8 * MIB,
        limitBytes: 10 * MIB,
      },
    ])
  })

  it('tells of a peak between two samples when the guest ends', async () => {
    await using scene = sceneOf({
      script: (_, sandbox) => {
        sandbox.measured = { memoryBytes: MIB, peakMemoryBytes: 9 * MIB }
        return returned(1)
      },
    })
    const told: MemoryEvent[] = []
    scene.broker.on('memory', (event) => told.push(event))
    const { outcome, usage } = await scene.broker.run(SOURCE, { limits: { memoryBytes: 10 * MIB } })
    expect(outcome.kind).toBe('returned')
    expect(usage.peakMemoryBytes).toBe(9 * MIB)
    expect(told).toMatchObject([{ memoryBytes: 9 * MIB }])
  })
})

describe('what can be seen', () => {
  it('is the usage of a guest while it runs, and of nothing that cannot be measured', async () => {
    await using scene = sceneOf({ script: hang })
    const running = scene.broker.start(SOURCE)
    await until(() => scene.broker.stats().running === 1)
    await setTimeout(5)
    const first = running.usage()
    expect(first.wallMs).toBeGreaterThan(3)
    expect(first).not.toHaveProperty('cpuMs')
    expect(first).not.toHaveProperty('peakMemoryBytes')
    scene.tier.sandbox(1).measured = { cpuMs: 0, memoryBytes: 5 }
    expect(running.usage()).toMatchObject({ cpuMs: 0, peakMemoryBytes: 5 })
    expect(running.tier).toBe('isolate')
    await running.kill('enough')
  })

  it('is every receipt, also of what was refused', async () => {
    await using scene = sceneOf()
    const ended: Execution[] = []
    const stop = scene.broker.on('ended', (execution) => ended.push(execution))
    const first = await scene.broker.run(SOURCE)
    const second = await scene.broker.run(SOURCE, { tier: 'vm' })
    stop()
    await scene.broker.run(SOURCE)
    expect(ended).toEqual([first, second])
    expect(new Set(ended.map(({ id }) => id)).size).toBe(2)
  })

  it('is how the broker stands', async () => {
    await using scene = sceneOf({}, { pool: { min: 1 } })
    await using program = await scene.broker.load(SOURCE, { tenant: 'acme' })
    await scene.broker.run(SOURCE)
    await scene.broker.run(SOURCE, { tier: 'vm' })
    await setTimeout(50)
    const stats = scene.broker.stats()
    expect(stats).toMatchObject({
      running: 0,
      queued: 0,
      ended: { returned: 1, refused: 1, threw: 0, exceeded: 0, killed: 0, crashed: 0 },
      tiers: [{ tier: 'isolate', carriers: [{ pid: 1, sandboxes: 2 }] }],
      pools: [{ program: program.hash, tenant: 'acme', idle: 1, busy: 0, opening: 0, waiting: 0 }],
    })
    const { heapUsedBytes, heapLimitBytes, residentBytes, eventLoopDelay } = stats.host
    expect(heapUsedBytes).toBeGreaterThan(MIB)
    expect(heapLimitBytes).toBeGreaterThan(heapUsedBytes)
    expect(residentBytes).toBeGreaterThan(heapUsedBytes / 2)
    expect(eventLoopDelay?.maxMs).toBeGreaterThanOrEqual(eventLoopDelay?.meanMs ?? 0)
  })

  it('is a mismatch of arguments, with the execution it happened in', async () => {
    await using scene = sceneOf({
      script: async (_, { guest }) => {
        try {
          return returned(await guest.functions.get('host/f')?.invoke('J[7]', new AbortController().signal))
        } catch (error) {
          return returned(String(error))
        }
      },
    })
    const audit: unknown[] = []
    scene.broker.on('audit', (event) => audit.push(event))
    const execution = await scene.broker.run(SOURCE, {
      functions: { f: { call: (text: string) => text, args: z.tuple([z.string()]) } },
    })
    expect(execution.outcome).toMatchObject({ value: containing('TypeError: Cannot call "host/f"') })
    expect(audit).toMatchObject([{ kind: 'argument-mismatch', id: execution.id, function: 'host/f' }])
  })

  it('is the log of a guest, up to its end', async () => {
    const late: (() => void)[] = []
    await using scene = sceneOf({
      script: (call) => {
        call.onLog({ level: 'info', text: 'hello', at: 1 })
        late.push(() => call.onLog({ level: 'info', text: 'from the grave', at: 2 }))
        return returned(1)
      },
    })
    const { logs } = await scene.broker.run(SOURCE)
    for (const log of late) log()
    expect(logs).toEqual([{ level: 'info', text: 'hello', at: 1 }])
  })

  it('is the decision, without anything being run', async () => {
    await using scene = sceneOf()
    expect(scene.broker.explain(SOURCE, { trust: 'hostile' })).toMatchObject({ verdict: 'refuse' })
    const decision = scene.broker.explain(SOURCE, { limits: { wallMs: 7 } })
    expect(decision).toMatchObject({ verdict: 'route', tier: 'isolate', limits: { wallMs: 7 } })
    expect((await scene.broker.run(SOURCE, { limits: { wallMs: 7 } })).decision).toEqual(decision)
    expect(scene.tier.openings).toBe(1)
  })
})
