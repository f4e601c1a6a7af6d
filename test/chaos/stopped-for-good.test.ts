import { describe, expect, it } from 'vitest'
import { createBroker, type Outcome, type TierId } from '../../src/index.ts'
import { hostPool } from '../../src/tiers/isolate/host-pool.ts'
import { foreignWall } from '../../src/tiers/wall.ts'
import { guestOf } from '../tiers/far-side.ts'
import { breakable } from './breakable.ts'

const HONEST = 'export default (x) => x * 2'
const SERVED: Outcome = { kind: 'returned', value: 42 }
const TIERS = ['isolate', 'process'] as const satisfies readonly TierId[]
const never = new AbortController().signal
/** Stops the first to come, and nobody else; and not the canary, which is waited for elsewhere. */
const stopFirst = (mark: string): string =>
  `case "$*" in *canary*) ;; *) if mkdir "${mark}.once" 2>/dev/null; then kill -STOP $$; fi ;; esac`

// Each waits for some patience of seconds to run out: all at once.
describe.concurrent('a carrier that stands still where no deadline of a call ends it', { timeout: 60_000 }, () => {
  it('in the process tier, before it is ready: it is given up, and the call moves to the next', async () => {
    using broken = breakable()
    broken.breakWith(stopFirst(broken.starts))
    await using broker = await createBroker({ process: { commandPrefix: broken.prefix, spares: 0 } })
    const { outcome } = await broker.run(HONEST, { trust: 'trusted', tier: 'process', input: 21 })
    expect(outcome).toEqual(SERVED)
  })

  it('in the isolate tier, before it is ready: who asked is told, and the next is served', async () => {
    using broken = breakable()
    broken.breakWith(stopFirst(broken.starts))
    const pool = hostPool(() => Promise.resolve(foreignWall(broken.prefix)))
    const open = (): Promise<string> => pool.open(guestOf(), never).then(() => 'opened', String)
    expect(await open()).toContain('it did not answer within 10000 ms')
    // A host that complains of the program is one that works.
    expect(await open()).toMatch(/script is not defined/)
    await pool.close()
  })

  it.each(TIERS)('in the %s tier, ready for anybody: the call that gets it moves to another', async (tier) => {
    await using broker = await createBroker()
    const run = async (): Promise<Outcome> =>
      (await broker.run(HONEST, { trust: 'trusted', tier, input: 21, tenant: 'one' })).outcome
    expect(await run()).toEqual(SERVED)
    let stood = 0
    for (const { carriers } of broker.stats().tiers) {
      for (const { pid } of carriers) {
        if (pid === undefined || pid === process.pid) continue
        process.kill(pid, 'SIGSTOP')
        stood += 1
      }
    }
    expect(stood).toBeGreaterThan(0)
    expect(await run()).toEqual(SERVED)
  })

  it.each(TIERS)(
    'in the %s tier, with a sandbox that is being disposed of: the end is waited for, but not for ever',
    async (tier) => {
      await using broker = await createBroker()
      const program = await broker.load(HONEST, { trust: 'trusted', tier, pool: { min: 1, max: 1 } })
      const [pid] = broker
        .stats()
        .tiers.flatMap(({ carriers }) => carriers.flatMap((one) => (one.sandboxes > 0 ? (one.pid ?? []) : [])))
      if (pid === undefined) throw new Error('there is no carrier')
      process.kill(pid, 'SIGSTOP')
      await program[Symbol.asyncDispose]()
      expect((await broker.run(HONEST, { trust: 'trusted', tier, input: 21 })).outcome).toEqual(SERVED)
    },
  )
})
