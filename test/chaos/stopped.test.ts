import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type Broker, createBroker, type Outcome, type Running } from '../../src/index.ts'
import { ownerKey } from '../../src/program/cache.ts'
import { prepare } from '../../src/program/prepare.ts'
import { compilerPool } from '../../src/tiers/preparer.ts'
import { compilers } from '../leaks/compilers.ts'
import { childrenOf, eventually, isAlive } from '../leaks/held.ts'
import { breakable } from './breakable.ts'

/** Tiers whose carriers are processes, which somebody may stop. */
const TIERS = ['isolate', 'process'] as const
type TierWithProcesses = (typeof TIERS)[number]

const OWNER = { trust: 'untrusted', tenant: 'default' } as const
const HONEST = 'export default (x) => x * 2'
const WAITS =
  "import { started } from 'host'; export default async () => { await started(); await new Promise(() => {}) }"
const SPINS = "import { started } from 'host'; export default async () => { await started(); for (;;); }"
const PAUSES = `import { started } from 'host'
export default async () => { await started(); await new Promise((resolve) => setTimeout(resolve, 50)); return 42 }`
const PATIENCE_MS = 15_000

/** The processes in which a broker has guests. A spare that stood still would only keep the next call waiting. */
const carriersOf = (broker: Broker): readonly number[] =>
  broker
    .stats()
    .tiers.flatMap(({ carriers }) => carriers.flatMap(({ pid, sandboxes }) => (sandboxes > 0 ? (pid ?? []) : [])))
    .filter((pid) => pid !== process.pid)

const stopped = new Set<number>()
const stop = (pids: readonly number[]): readonly number[] => {
  for (const pid of pids) {
    stopped.add(pid)
    process.kill(pid, 'SIGSTOP')
  }
  return pids
}
const wake = (pids: readonly number[]): void => pids.forEach((pid) => void process.kill(pid, 'SIGCONT'))

const allGone = (pids: readonly number[]): Promise<boolean> => eventually(() => !pids.some(isAlive), PATIENCE_MS)

afterEach(async () => {
  const left = [...stopped]
  stopped.clear()
  if (!(await allGone(left))) throw new Error(`left: ${left.filter(isAlive).join()}`)
})

async function honest(broker: Broker, tier: TierWithProcesses): Promise<Outcome> {
  return (await broker.run(HONEST, { trust: 'trusted', tier, input: 21 })).outcome
}

/** Starts a guest and resolves once it runs. */
async function underWay(broker: Broker, source: string, tier: TierWithProcesses, wallMs: number): Promise<Running> {
  const runs = Promise.withResolvers<void>()
  const functions = { started: () => runs.resolve() }
  const running = broker.start(source, { trust: 'trusted', tier, limits: { wallMs, cpuMs: 30_000 }, functions })
  await runs.promise
  return running
}

describe.each(TIERS)('a carrier of the %s tier that is stopped', (tier) => {
  it.each([
    ['waits', WAITS],
    ['spins', SPINS],
  ])('for good, while its guest %s: the call reaches its deadline, and the carrier is replaced', async (_, source) => {
    await using broker = await createBroker()
    const running = await underWay(broker, source, tier, 500)
    const pids = stop(carriersOf(broker))
    expect(pids.length).toBeGreaterThan(0)
    expect((await running.result).outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect(await honest(broker, tier)).toEqual({ kind: 'returned', value: 42 })
  })

  it('with what stands before it, be that a jail: the call reaches its deadline, and both are gone', async () => {
    await using broker = await createBroker()
    const running = await underWay(broker, WAITS, tier, 500)
    const pids = carriersOf(broker)
    const before = childrenOf(process.pid).filter((pid) => childrenOf(pid).some((child) => pids.includes(child)))
    stop(before)
    expect((await running.result).outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect(await honest(broker, tier)).toEqual({ kind: 'returned', value: 42 })
    await broker.close()
    expect(await allGone(pids)).toBe(true)
  })

  it('for a while: the call goes on where it was', async () => {
    await using broker = await createBroker()
    const running = await underWay(broker, PAUSES, tier, 20_000)
    const pids = stop(carriersOf(broker))
    await delay(300)
    wake(pids)
    expect((await running.result).outcome).toEqual({ kind: 'returned', value: 42 })
    await broker.close()
  })

  it('for a while that is too long: the call has ended once, and what it says afterwards is heard by nobody', async () => {
    await using broker = await createBroker()
    const running = await underWay(broker, PAUSES, tier, 200)
    const pids = stop(carriersOf(broker))
    const { outcome } = await running.result
    wake(pids.filter(isAlive))
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect(await honest(broker, tier)).toEqual({ kind: 'returned', value: 42 })
    expect(broker.stats()).toMatchObject({ running: 0, queued: 0, ended: { exceeded: 1, returned: 1 } })
  })

  it('with a kill under way, and with a broker that closes', async () => {
    await using broker = await createBroker()
    const running = await underWay(broker, WAITS, tier, 30_000)
    const [first, second] = [carriersOf(broker), await underWay(broker, SPINS, tier, 30_000)]
    stop([...new Set([...first, ...carriersOf(broker)])])
    await running.kill('not wanted any more')
    expect((await running.result).outcome).toMatchObject({ kind: 'killed', by: 'handle' })
    await broker.close()
    // The shared carrier of the isolate tier may have gone with the first.
    expect((await second.result).outcome.kind).toMatch(/^(?:killed|crashed)$/)
  })

  it('with a warm sandbox in it: the next call reaches its deadline, the one after it is served', async () => {
    await using broker = await createBroker()
    const program = await broker.load(HONEST, { trust: 'trusted', tier, pool: { min: 1, max: 1 } })
    expect((await program.call(21)).outcome).toEqual({ kind: 'returned', value: 42 })
    stop(carriersOf(broker))
    const { outcome } = await program.call(21, { limits: { wallMs: 200 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect((await program.call(21)).outcome).toEqual({ kind: 'returned', value: 42 })
  })
})

describe('a carrier that is stopped before it is ready', () => {
  it('for a while: who waits for it is served, late', async () => {
    using broken = breakable()
    broken.breakWith('( sleep 0.3; kill -CONT $$ ) & kill -STOP $$')
    await using broker = await createBroker({ process: { commandPrefix: broken.prefix } })
    expect(await honest(broker, 'process')).toEqual({ kind: 'returned', value: 42 })
    await broker.close()
  })
})

describe('a compiler that is stopped', () => {
  const sourceOf = (name: string): string => `export default () => '${name}' // ${'-'.repeat(300)}`
  it('is given up at the deadline of the text, is replaced, and the text it had is no fault for good', async () => {
    await using preparer = compilerPool()
    await preparer.prepare(sourceOf('first'), {}, OWNER)
    expect(prepare(sourceOf('first'), {}, ownerKey(OWNER)).kind).toBe('ready')
    const pids = stop(compilers())
    expect(pids.length).toBeGreaterThan(0)
    await preparer.prepare(sourceOf('second'), {}, OWNER)
    expect(prepare(sourceOf('second'), {}, ownerKey(OWNER)).kind).toBe('invalid')
    expect(await allGone(pids)).toBe(true)
    await preparer.prepare(sourceOf('third'), {}, OWNER)
    expect(prepare(sourceOf('third'), {}, ownerKey(OWNER)).kind).toBe('ready')
    await expect
      .poll(() => prepare(sourceOf('second'), {}, ownerKey(OWNER)).kind, { timeout: PATIENCE_MS })
      .toBe('ready')
  })

  it('does not keep its broker from closing', async () => {
    const broker = await createBroker()
    expect((await broker.run(sourceOf('fourth'), { trust: 'hostile' })).outcome.kind).toBe('returned')
    expect(stop(compilers()).length).toBeGreaterThan(0)
    await broker.close()
  })
})
