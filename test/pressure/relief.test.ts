import { describe, expect, it } from 'vitest'
import type { PressureEvent } from '../../src/broker/events.ts'
import type { BrokerOptions } from '../../src/broker/options.ts'
import { hang } from '../broker/fake-tier.ts'
import { SOURCE } from '../broker/scene.ts'
import { eventually } from '../leaks/held.ts'
import { MIB, pressedScene } from './host.ts'

const atOnce: BrokerOptions = { pressure: { patienceMs: 0 } }
const NO_PATIENCE = 'pressure: the memory of its cgroup is 900 MiB of 1000 MiB (90 %)'

describe('a broker on a host that is hard pressed', () => {
  it('says so in its stats and by an event, when it comes and when it goes', async () => {
    await using scene = pressedScene()
    const told: PressureEvent[] = []
    scene.broker.on('pressure', (event) => told.push(event))
    expect(scene.broker.stats().pressure).toEqual({
      level: 'none',
      measure: 'cgroup',
      value: 100 * MIB,
      limit: 1000 * MIB,
    })
    await scene.hold(900)
    expect(await eventually(() => scene.broker.stats().pressure.level === 'high', 10_000)).toBe(true)
    await scene.hold(100)
    expect(await eventually(() => scene.broker.stats().pressure.level === 'none', 10_000)).toBe(true)
    expect(told).toEqual([
      { level: 'high', before: 'none', measure: 'cgroup', value: 900 * MIB, limit: 1000 * MIB },
      { level: 'none', before: 'high', measure: 'cgroup', value: 100 * MIB, limit: 1000 * MIB },
    ])
  })

  it('refuses the largest of the less trusted after a wait, naming measure, value and limit, and takes the small', async () => {
    await using scene = pressedScene(atOnce)
    await scene.hold(900)
    const large = await scene.broker.run(SOURCE)
    expect(large.outcome).toEqual({
      kind: 'refused',
      reason: `The host is under high ${NO_PATIENCE}. It takes no untrusted code now that may use 67108864 bytes`,
    })
    expect(scene.tiers[0]?.openings).toBe(0)
    const small = await scene.broker.run(SOURCE, { limits: { memoryBytes: 8 * MIB } })
    expect(small.outcome.kind).toBe('returned')
    const limited = await scene.broker.run(SOURCE, { trust: 'limited', tier: 'isolate' })
    expect(limited.outcome.kind).toBe('returned')
  })

  it('lets in who waited once the pressure has fallen, and lets go who does not want to wait', async () => {
    await using scene = pressedScene({ pressure: { patienceMs: 60_000 } })
    await scene.hold(900)
    const patient = scene.broker.start(SOURCE, { input: 'served' })
    const gone = scene.broker.start(SOURCE)
    expect(await eventually(() => scene.broker.stats().queued === 2, 10_000)).toBe(true)
    await gone.kill('no longer wanted')
    expect((await gone.result).outcome).toMatchObject({ kind: 'killed', by: 'handle' })
    await scene.hold(100)
    expect((await patient.result).outcome).toEqual({ kind: 'returned', value: 'served' })
  })

  it('turns away who waits when it becomes critical, and takes trusted code all the time', async () => {
    await using scene = pressedScene({ pressure: { patienceMs: 60_000 } })
    await scene.hold(900)
    const waiting = scene.broker.start(SOURCE)
    expect(await eventually(() => scene.broker.stats().queued === 1, 10_000)).toBe(true)
    await scene.hold(930)
    expect((await waiting.result).outcome).toMatchObject({ kind: 'refused' })
    const trusted = await scene.broker.run(SOURCE, { trust: 'trusted', tier: 'isolate' })
    expect(trusted.outcome.kind).toBe('returned')
  })

  it('turns away who waited in the line for a turn when it has become critical meanwhile', async () => {
    await using scene = pressedScene({ maxConcurrent: 1, pressure: { patienceMs: 0 } }, [{ script: hang }])
    const first = scene.broker.start(SOURCE)
    const second = scene.broker.start(SOURCE)
    expect(await eventually(() => scene.broker.stats().running === 1, 10_000)).toBe(true)
    await scene.hold(930)
    expect(await eventually(() => scene.broker.stats().pressure.level === 'critical', 10_000)).toBe(true)
    await first.kill('makes room')
    expect((await second.result).outcome).toMatchObject({ kind: 'refused' })
  })

  it('keeps nothing idle: sandboxes in pools, those that come back, and spares of the tiers', async () => {
    await using scene = pressedScene(atOnce)
    await using program = await scene.broker.load(SOURCE, { pool: { min: 2, max: 4 } })
    expect(scene.broker.stats().pools[0]).toMatchObject({ idle: 2 })
    await scene.hold(860)
    expect(await eventually(() => scene.broker.stats().pools[0]?.idle === 0, 10_000)).toBe(true)
    expect(scene.tiers[0]?.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1])
    expect(scene.economic.get('isolate')).toBe(true)
    await scene.hold(100)
    expect(await eventually(() => scene.economic.get('isolate') === false, 10_000)).toBe(true)
    expect((await program.call(1)).outcome.kind).toBe('returned')
    expect(scene.broker.stats().pools[0]).toMatchObject({ idle: 2 })
  })

  it('refuses warm calls as it refuses runs, and loads without opening anything', async () => {
    await using scene = pressedScene(atOnce)
    await using program = await scene.broker.load(SOURCE)
    await scene.hold(930)
    expect((await program.call(1)).outcome).toMatchObject({ kind: 'refused' })
    const { openings } = scene.tiers[0] ?? {}
    await using later = await scene.broker.load(SOURCE)
    expect((await later.call(1)).outcome).toMatchObject({ kind: 'refused' })
    expect(scene.tiers[0]?.openings).toBe(openings)
    await scene.hold(100)
    expect((await program.call(1)).outcome).toEqual({ kind: 'returned', value: 1 })
    expect((await later.call(1)).outcome).toEqual({ kind: 'returned', value: 1 })
  })
})

describe('in an emergency a broker', () => {
  it('ends as many guests as it takes, the least trusted of the large first, until it is none any more', async () => {
    const ids = ['vm', 'isolate', 'process'] as const
    const limits = { memoryBytes: 256 * MIB }
    const policy = { levels: { untrusted: { limits }, hostile: { limits } } }
    await using scene = pressedScene(
      { policy },
      ids.map((id) => ({ id, script: hang })),
    )
    const start = (trust: 'trusted' | 'untrusted' | 'hostile') => scene.broker.start(SOURCE, { trust })
    const guests = [
      ['trusted, large', start('trusted')],
      ['untrusted, large', start('untrusted')],
      ['hostile, large', start('hostile')],
      ['hostile, small', start('hostile')],
      ['untrusted, larger', start('untrusted')],
    ] as const
    expect(await eventually(() => scene.broker.stats().running === guests.length, 10_000)).toBe(true)
    for (const [tier, mbs] of [[300], [60, 120], [100, 1]].entries()) {
      for (const [n, mb] of mbs.entries()) {
        const sandbox = scene.tiers[tier]?.sandbox(n + 1)
        if (sandbox !== undefined) sandbox.measured = { memoryBytes: mb * MIB, peakMemoryBytes: mb * MIB }
      }
    }
    const order: string[] = []
    for (const [name, { result }] of guests) {
      void result.then(({ outcome }) => {
        if (outcome.kind === 'killed') order.push(`${name}: ${outcome.by}, ${outcome.reason}`)
        if (order.length === 2) scene.put(500)
      })
    }
    scene.put(980)
    expect(await eventually(() => order.length === 2, 10_000)).toBe(true)
    expect(await eventually(() => scene.broker.stats().pressure.level === 'none', 10_000)).toBe(true)
    const reason = 'Ended to keep the host alive: the memory of its cgroup is 980 MiB of 1000 MiB (98 %)'
    expect(order.toSorted()).toEqual([`hostile, large: pressure, ${reason}`, `untrusted, larger: pressure, ${reason}`])
    expect(scene.broker.stats().running).toBe(3)
  })

  it('does not end guests whose memory is not what is scarce', async () => {
    await using scene = pressedScene({}, [{ id: 'process', script: hang }])
    const running = scene.broker.start(SOURCE, { trust: 'hostile' })
    expect(await eventually(() => scene.broker.stats().running === 1, 10_000)).toBe(true)
    await scene.holdHeap(990)
    expect(await eventually(() => scene.broker.stats().pressure.level === 'emergency', 10_000)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(scene.broker.stats().running).toBe(1)
    await running.kill('done')
  })
})

describe('options of pressure', () => {
  it.each([
    [{ high: 0 }, RangeError, '"pressure.high" must be above 0 and at most 1, received 0'],
    [{ critical: '1' }, TypeError, '"pressure.critical" must be a number, received string'],
    [{ high: 0.99 }, RangeError, 'must not fall, received 0.99, 0.92 and 0.97'],
    [{ eventLoopDelayMs: 0 }, RangeError, '"pressure.eventLoopDelayMs" must be a whole number of at least 1'],
    [{ patienceMs: 1e9 }, RangeError, '"pressure.patienceMs" must be at most 86400000'],
    [{ overcommit: 0 }, RangeError, '"pressure.overcommit" must be above 0, received 0'],
    [{ overcommit: '2' }, TypeError, '"pressure.overcommit" must be a number, received string'],
    [{ low: 1 }, TypeError, '"pressure" must not have a key "low"'],
    [5, TypeError, '"pressure" must be an object'],
  ])('refuse %j', (pressure, type, message) => {
    const make = (): unknown => pressedScene({ pressure: pressure as BrokerOptions['pressure'] & object })
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
})
