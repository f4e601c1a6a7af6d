import { describe, expect, it } from 'vitest'
import { type Broker, type BrokerOptions, createBroker, type LoadedProgram, type RunOptions } from '../../src/index.ts'
import { eventually, isAlive } from '../leaks/held.ts'

const ECHO = 'export default (x) => x'
const WAITS = 'export default () => new Promise((resolve) => setTimeout(resolve, 60_000))'

/** The processes of the isolate tier that hold sandboxes, and how many each. */
function hosts(broker: Broker): readonly { readonly pid: number; readonly sandboxes: number }[] {
  const carriers = broker.stats().tiers.find(({ tier }) => tier === 'isolate')?.carriers ?? []
  return carriers.flatMap(({ pid = 0, sandboxes }) => (sandboxes === 0 ? [] : [{ pid, sandboxes }]))
}

function processes(broker: Broker): readonly number[] {
  const carriers = broker.stats().tiers.find(({ tier }) => tier === 'isolate')?.carriers ?? []
  return carriers.flatMap(({ pid }) => pid ?? [])
}

/** Keeps one sandbox warm for each of the guests, and answers with the process each came to be in. */
async function placed(
  broker: Broker,
  guests: readonly RunOptions[],
): Promise<{ readonly pids: readonly number[]; readonly programs: readonly LoadedProgram[] }> {
  const pids: number[] = []
  const programs: LoadedProgram[] = []
  for (const options of guests) {
    const before = new Map(hosts(broker).map(({ pid, sandboxes }) => [pid, sandboxes]))
    programs.push(await broker.load(ECHO, { tier: 'isolate', ...options, pool: { min: 1, max: 1 } }))
    const grown = hosts(broker).filter(({ pid, sandboxes }) => sandboxes > (before.get(pid) ?? 0))
    pids.push(...grown.map(({ pid }) => pid))
  }
  return { pids, programs }
}

const A = { tenant: 'a' }
const B = { tenant: 'b' }
const SIX = [A, B, A, B, A, B]

/** Who is in which process: the tenants found in each. */
const company = (pids: readonly number[], tenants: readonly string[]): readonly string[] =>
  [...new Set(pids)]
    .map((pid) => [...new Set(tenants.filter((_, n) => pids[n] === pid))].toSorted().join('+'))
    .toSorted()

describe('sharing', () => {
  it('by trust puts guests of all tenants together, and levels of trust apart', async () => {
    await using broker = await createBroker()
    const { pids } = await placed(broker, SIX)
    expect(pids).toHaveLength(6)
    expect(
      company(
        pids,
        SIX.map(({ tenant }) => tenant),
      ),
    ).toContain('a+b')
    const levels = ['untrusted', 'limited', 'untrusted', 'limited', 'trusted'] as const
    const mixed = await placed(
      broker,
      levels.map((trust) => ({ trust })),
    )
    expect(
      company([...pids, ...mixed.pids], [...SIX.map(() => 'untrusted'), ...levels]).filter((one) => one.includes('+')),
    ).toEqual([])
  })

  it('by tenant puts no two tenants into one process, and guests of one tenant together', async () => {
    await using broker = await createBroker({ sharing: 'tenant' })
    const { pids } = await placed(broker, SIX)
    expect(pids).toHaveLength(6)
    expect([
      ...new Set(
        company(
          pids,
          SIX.map(({ tenant }) => tenant),
        ),
      ),
    ]).toEqual(['a', 'b'])
    expect(new Set(pids).size).toBeLessThan(6)
  })

  it('by tenant holds for fresh runs and for CPU-heavy ones, one after the other', async () => {
    await using broker = await createBroker({ sharing: 'tenant' })
    const seen = new Map<string, Set<number>>([
      ['a', new Set()],
      ['b', new Set()],
    ])
    for (const [tenant, pids] of [...seen, ...seen]) {
      for (const workload of ['light', 'cpu'] as const) {
        const running = broker.start(WAITS, { tenant, workload })
        expect(await eventually(() => hosts(broker).length > 0 && broker.stats().running === 1, 10_000)).toBe(true)
        for (const { pid } of hosts(broker)) pids.add(pid)
        await running.kill('seen enough')
        expect(await eventually(() => hosts(broker).length === 0, 10_000)).toBe(true)
      }
    }
    const [a, b] = [...seen.values()]
    expect([...(a ?? [])].filter((pid) => b?.has(pid))).toEqual([])
  })

  it('by tenant counts levels of trust of one tenant as strangers', async () => {
    await using broker = await createBroker({ sharing: 'tenant' })
    const { pids } = await placed(broker, [
      { ...A, trust: 'limited' },
      { ...A, trust: 'untrusted' },
    ])
    expect(new Set(pids).size).toBe(2)
  })

  it('none gives every sandbox a process of its own, which ends with it', async () => {
    await using broker = await createBroker({ sharing: 'none' })
    const { pids, programs } = await placed(broker, [A, A, A])
    expect(new Set(pids).size).toBe(3)
    await programs[0]?.[Symbol.asyncDispose]()
    expect(await eventually(() => !isAlive(pids[0] ?? 0), 10_000)).toBe(true)
    expect(await placed(broker, [A]).then((again) => again.pids.some((pid) => pids.includes(pid)))).toBe(false)
  })
})

describe('the number of hosts', () => {
  const tight: BrokerOptions = { sharing: 'tenant', isolate: { hosts: 2 } }

  it('is never passed: who needs one more waits, and a host that nobody is in makes room', async () => {
    await using broker = await createBroker(tight)
    const { pids, programs } = await placed(broker, [A, B])
    expect(new Set(pids).size).toBe(2)
    const third = broker.start(ECHO, { tenant: 'c', input: 'served' })
    expect(await Promise.race([third.result, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])).toBe(
      'waits',
    )
    expect(processes(broker)).toHaveLength(2)
    await programs[0]?.[Symbol.asyncDispose]()
    const { outcome } = await third.result
    expect(outcome).toEqual({ kind: 'returned', value: 'served' })
    expect(processes(broker).length).toBeLessThanOrEqual(2)
    expect(isAlive(pids[0] ?? 0)).toBe(false)
    expect(isAlive(pids[1] ?? 0)).toBe(true)
  })

  it('lets who waits leave the line', async () => {
    await using broker = await createBroker(tight)
    await placed(broker, [A, B])
    const third = broker.start(ECHO, { tenant: 'c' })
    await third.kill('no longer')
    expect((await third.result).outcome).toMatchObject({ kind: 'killed', by: 'handle' })
  })

  it('serves many tenants by few processes, each once its turn has come', async () => {
    await using broker = await createBroker(tight)
    const tenants = ['a', 'b', 'c', 'd', 'e', 'f']
    const most: number[] = []
    const receipts = await Promise.all(
      tenants.map(async (tenant) => {
        const receipt = await broker.run(ECHO, { tenant, input: tenant })
        most.push(processes(broker).length)
        return receipt
      }),
    )
    expect(receipts.map(({ outcome }) => (outcome.kind === 'returned' ? outcome.value : outcome))).toEqual(tenants)
    expect(Math.max(...most)).toBeLessThanOrEqual(2)
  })
})

describe('options of sharing', () => {
  it.each([
    [{ sharing: 'everybody' }, RangeError, '"sharing" must be "trust", "tenant" or "none"'],
    [
      { sharing: 'tenant', isolate: { placement: 'inline' } },
      RangeError,
      'with "isolate.placement" "inline" there are none',
    ],
    [{ isolate: { hosts: 0 } }, RangeError, '"isolate.hosts" must be a whole number from 1 to 1024, received 0'],
    [{ isolate: { hosts: '2' } }, TypeError, '"isolate.hosts" must be a number'],
  ])('refuse %j', async (options, type, message) => {
    const making = createBroker(options as BrokerOptions)
    await expect(making).rejects.toThrow(type)
    await expect(making).rejects.toThrow(message)
  })
})
