import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, createBroker, type Outcome, type Running } from '../../src/index.ts'

const HONEST = 'export default (x) => x * 2'
const SERVED: Outcome = { kind: 'returned', value: 42 }
const LIMITS = { wallMs: 20_000, cpuMs: 20_000, memoryBytes: 32 * 2 ** 20 }
const ENTERED = "import { started } from 'host'; "
const WAITS = `${ENTERED}export default async () => { await started(); await new Promise(() => {}) }`
const SPINS = `${ENTERED}export default async () => { await started(); const until = Date.now() + 500; while (Date.now() < until); await new Promise(() => {}) }`

/** Every thread that was started in this process, as Node tells of each. */
const threads = new Map<number, Worker>()
const remember = (worker: Worker): void => void threads.set(worker.threadId, worker)
beforeAll(() => void process.on('worker', remember))
afterAll(() => void process.off('worker', remember))

const seatsOf = (broker: Broker): readonly Worker[] =>
  broker
    .stats()
    .tiers.flatMap(({ carriers }) =>
      carriers.flatMap(({ threadId, sandboxes }) => (sandboxes > 0 ? (threadId ?? []) : [])),
    )
    .flatMap((threadId) => threads.get(threadId) ?? [])

async function underWay(broker: Broker, source: string): Promise<Running> {
  const runs = Promise.withResolvers<void>()
  const functions = { started: () => runs.resolve() }
  const running = broker.start(source, { trust: 'trusted', tier: 'worker', limits: LIMITS, functions })
  await runs.promise
  return running
}

async function honest(broker: Broker): Promise<Outcome> {
  return (await broker.run(HONEST, { trust: 'trusted', tier: 'worker', input: 21 })).outcome
}

describe('a thread of the worker tier that dies', () => {
  it.each<[string, string, (thread: Worker) => unknown]>([
    ['by being terminated, while its guest waits', WAITS, (thread) => thread.terminate()],
    ['by being terminated, while its guest spins', SPINS, (thread) => thread.terminate()],
    ['by an error over a message that is none of ours', WAITS, (thread) => thread.postMessage({ ready: false })],
    ['by an error over a message that is nothing', WAITS, (thread) => thread.postMessage(null)],
  ])('%s: the call crashes with a cause, once, and the pool heals', async (_, source, strike) => {
    await using broker = await createBroker()
    const running = await underWay(broker, source)
    const seats = seatsOf(broker)
    expect(seats).toHaveLength(1)
    for (const thread of seats) strike(thread)
    const { outcome } = await running.result
    expect(outcome).toMatchObject({ kind: 'crashed', detail: expect.stringMatching(/./) as string })
    expect(await honest(broker)).toEqual(SERVED)
    expect(broker.stats()).toMatchObject({ running: 0, queued: 0, ended: { crashed: 1, returned: 1 } })
  })

  it('while it stands ready with a warm sandbox: a call that was quicker than the news crashes, the next is served', async () => {
    await using broker = await createBroker()
    const program = await broker.load(HONEST, { trust: 'trusted', tier: 'worker', pool: { min: 1, max: 1 } })
    const seats = seatsOf(broker)
    expect(seats).toHaveLength(1)
    for (const thread of seats) await thread.terminate()
    expect((await program.call(21)).outcome.kind).toMatch(/^(?:returned|crashed)$/)
    expect((await program.call(21)).outcome).toEqual(SERVED)
  })

  it('before it is ready: whoever waits for it is told, or served by another', async () => {
    const doom = (worker: Worker): void => void worker.terminate()
    await using broker = await createBroker()
    process.once('worker', doom)
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => honest(broker)))
    process.off('worker', doom)
    for (const outcome of outcomes) expect(outcome.kind).toMatch(/^(?:returned|crashed)$/)
    expect(await honest(broker)).toEqual(SERVED)
  })

  it('of its memory: the limit is named, and neighbours and host live', async () => {
    await using broker = await createBroker()
    const neighbour = await underWay(broker, WAITS)
    const hungry = 'export default () => { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)) }'
    const { outcome } = await broker.run(hungry, { trust: 'trusted', tier: 'worker', limits: LIMITS })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'memoryBytes' })
    expect(neighbour.usage().wallMs).toBeGreaterThan(0)
    expect(await honest(broker)).toEqual(SERVED)
    await neighbour.kill('enough')
    expect((await neighbour.result).outcome.kind).toBe('killed')
  })

  it.each([
    'process.exit(1)',
    'process.abort()',
    'process.kill(process.pid)',
    'process.reallyExit(1)',
    'new (Function("return this.constructor.constructor"))()("return process")().exit(1)',
    'this.constructor.constructor("return process")().exit(1)',
    'setTimeout.constructor("return process")().exit(1)',
    'await (async () => {}).constructor("return process.exit(1)")()',
  ])('is not what a guest can bring about: %s', async (attempt) => {
    await using broker = await createBroker()
    const source = `export default async function () { ${attempt}; return 'alive' }`
    const { outcome } = await broker.run(source, { trust: 'trusted', tier: 'worker', limits: LIMITS })
    // There is nothing of the name, in code from strings neither: an error of the guest's own, and no more.
    expect(outcome).toMatchObject({ kind: 'threw', error: { name: expect.stringMatching(/Error$/) as string } })
    expect(await honest(broker)).toEqual(SERVED)
  })
})
