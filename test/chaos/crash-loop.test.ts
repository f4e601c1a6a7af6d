import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { Broker, Outcome } from '../../src/index.ts'
import { createBroker } from '../../src/index.ts'
import { CrashLoop } from '../../src/tiers/crash-loop.ts'
import { hostPool } from '../../src/tiers/isolate/host-pool.ts'
import { foreignWall } from '../../src/tiers/wall.ts'
import { guestOf } from '../tiers/far-side.ts'
import { breakable } from './breakable.ts'

const never = new AbortController().signal
const HONEST = 'export default (x) => x * 2'

async function honest(broker: Broker): Promise<Outcome> {
  return (await broker.run(HONEST, { trust: 'trusted', tier: 'process', input: 21 })).outcome
}

const startsOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1

/** Pauses of seconds pass at once. */
function onFakeClock(check: (clock: { advance(ms: number): void }) => void): void {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    check({ advance: (ms) => vi.advanceTimersByTime(ms) })
  } finally {
    vi.useRealTimers()
  }
}

describe('a crash loop', () => {
  it('pauses longer after each failure, up to five seconds', () => {
    onFakeClock(() => {
      const loop = new CrashLoop('carriers')
      const pauses = Array.from({ length: 12 }, () => {
        loop.failed('it died')
        return loop.pauseMs
      })
      expect(pauses).toEqual([0, 0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
    })
  })

  it('refuses after the fifth failure, naming how many there were and the last cause', () => {
    onFakeClock(({ advance }) => {
      const loop = new CrashLoop('isolate hosts')
      for (let nth = 1; nth <= 5; nth += 1) {
        expect(loop.refusal).toBeUndefined()
        loop.failed(`cause ${nth}`)
        if (nth < 5) advance(500)
      }
      expect(loop.refusal?.code).toBe('RF_CRASH_LOOP')
      expect(loop.refusal?.message).toContain('isolate hosts failed 5 times within 2 s, the last because cause 5')
      advance(200)
      expect(loop.refusal).toBeUndefined()
    })
  })

  it('lets one attempt through after each pause, and everybody after one that succeeded', async () => {
    const loop = new CrashLoop('carriers')
    for (let nth = 0; nth < 5; nth += 1) loop.failed('it died')
    await setTimeout(loop.pauseMs + 5)
    const probe = Promise.withResolvers<string>()
    const first = loop.start(() => probe.promise)
    await expect(loop.start(() => Promise.resolve('second'))).rejects.toMatchObject({ code: 'RF_CRASH_LOOP' })
    probe.resolve('first')
    expect(await first).toBe('first')
    loop.thrived()
    expect(await loop.start(() => Promise.resolve('third'))).toBe('third')
  })

  it('forgets what failed long ago', () => {
    onFakeClock(({ advance }) => {
      const loop = new CrashLoop('carriers')
      for (let nth = 0; nth < 9; nth += 1) loop.failed('it died')
      advance(60_000)
      loop.failed('it died')
      expect(loop.pauseMs).toBe(0)
    })
  })
})

describe('the process tier, when its children cannot start', () => {
  it.each([
    ['end at once', 'echo "fatal: out of paper" >&2; exit 3', /fatal: out of paper/],
    ['say what is no message', 'echo garbage >&3; exec sleep 100', /Cannot read a frame/],
    [
      'greet in another version',
      String.raw`printf '\045\0\0\0\041\0\0\0{"t":"ready","version":9,"threadId":0}' >&3; exec sleep 100`,
      /Cannot read a frame|speaks version 9/,
    ],
    ['close their pipe', 'exec 3>&-; exec sleep 100', /was ended by SIGKILL|the pipe closed/],
  ])('spawns few of them, refuses with the cause, and heals: children that %s', async (_, fault, cause) => {
    using broken = breakable()
    await using broker = await createBroker({ process: { commandPrefix: broken.prefix } })
    expect(await honest(broker)).toEqual({ kind: 'returned', value: 42 })
    const before = startsOf(broken.starts)
    broken.breakWith(fault)
    const outcomes: Outcome[] = []
    for (let nth = 0; nth < 30 && outcomes.at(-1)?.kind !== 'refused'; nth += 1) outcomes.push(await honest(broker))
    const last = outcomes.at(-1)
    if (last?.kind !== 'refused') throw new Error(`never refused: ${JSON.stringify(outcomes)}`)
    expect(last.reason).toMatch(cause)
    expect(last.reason).toMatch(/children of the process tier failed \d+ times within \d+ s/)
    await Promise.all(Array.from({ length: 50 }, () => honest(broker)))
    expect(startsOf(broken.starts) - before).toBeLessThan(16)
    broken.mend()
    await expect.poll(() => honest(broker), { timeout: 10_000 }).toEqual({ kind: 'returned', value: 42 })
  })

  it('does not stay without its spare for a failure that is over', async () => {
    using broken = breakable()
    await using broker = await createBroker({ process: { commandPrefix: broken.prefix, spares: 3 } })
    broken.breakWith('exit 3')
    expect((await honest(broker)).kind).toBe('crashed')
    await setTimeout(100)
    broken.mend()
    expect(await honest(broker)).toEqual({ kind: 'returned', value: 42 })
  })
})

describe('the isolate tier, when its hosts die as soon as they are ready', () => {
  it('does not spin', async () => {
    using broken = breakable()
    // Its own process group dies, a moment after it was able to greet.
    broken.breakWith('( sleep 0.4; kill -9 0 ) &')
    const pool = hostPool(() => Promise.resolve(foreignWall(broken.prefix)))
    const opening = await Promise.allSettled([pool.open(guestOf(), never)])
    expect(opening).toHaveLength(1)
    await setTimeout(2500)
    const starts = startsOf(broken.starts)
    expect(starts).toBeGreaterThan(0)
    expect(starts).toBeLessThan(9)
    await pool.close()
  })

  it('refuses with the cause when they never start, and heals', async () => {
    using broken = breakable()
    broken.breakWith('echo "fatal: no such device" >&2; exit 3')
    const pool = hostPool(() => Promise.resolve(foreignWall(broken.prefix)))
    const failures: unknown[] = []
    for (let nth = 0; nth < 10; nth += 1) failures.push(await pool.open(guestOf(), never).catch(String))
    expect(failures.at(0)).toMatch(/no such device/)
    expect(failures.at(-1)).toMatch(/isolate hosts failed \d+ times .*no such device/)
    broken.mend()
    // A host that complains of the program is one that works.
    const opens = (): Promise<string> => pool.open(guestOf(), never).then(() => 'opened', String)
    await expect.poll(opens, { timeout: 10_000 }).toMatch(/script is not defined/)
    await pool.close()
  })
})
