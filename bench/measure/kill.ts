import { setTimeout as pause } from 'node:timers/promises'
import type { TierId } from '../../src/index.ts'
import { interleave } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { type Killed, rawKill } from '../raw/kill.ts'
import { expectEnding, type LoadedTier, loadIn, TIERS } from '../routes.ts'
import { type Row, rowsOf, type Target } from '../row.ts'

/** How long a guest has been at it when it is killed. */
const AT_IT_MS = 20
/** In which spares are made behind the broker's back. */
const SETTLE_MS = 100
const READY_WITHIN_MS = 5000
const ROUNDS: Readonly<Record<Pace, number>> = { full: 12, quick: 2 }

const SOURCE = `export default (manner) => {
  if (manner === 'spin') for (;;);
  return manner === 'wait' ? new Promise(() => {}) : manner
}`

type Resisting = 'spin' | 'wait'

/** A guest that never yields, and one that only waits. The first cannot be killed where it has the host's own thread. */
const MANNERS: Readonly<Record<TierId, readonly Resisting[]>> = {
  vm: ['wait'],
  worker: ['spin', 'wait'],
  isolate: ['spin', 'wait'],
  process: ['spin', 'wait'],
}
const TITLES: Readonly<Record<Resisting, string>> = { spin: 'kill of a loop', wait: 'kill of a guest that waits' }
const QUIET: readonly Target[] = [{ of: 'p99', bound: 'atMost', value: 10 }]

/** How long a kill takes until nothing of the guest runs, whichever means it comes by: all of them take the same way. */
export const kill: Measurement = {
  name: 'kill',
  summary: 'a kill by its handle, until nothing of the guest runs',
  tiers: TIERS,
  measure: async (tier, pace) => {
    const rows: Row[] = []
    for (const manner of MANNERS[tier]) rows.push(...(await measureKill(tier, manner, pace)))
    return rows
  },
}

async function measureKill(tier: TierId, manner: Resisting, pace: Pace): Promise<readonly Row[]> {
  await using loaded = await loadIn(tier, SOURCE, { limits: { wallMs: 1000 } })
  const raw = rawKill(tier, 'spin')
  const [ours = [], theirs = []] = await interleave<number>(
    [
      async () => [await killOne(loaded, manner)],
      async () => (manner === 'spin' ? [await overMs(raw.take(AT_IT_MS))] : [0]),
    ],
    ROUNDS[pace],
  )
  return rowsOf({
    measurement: kill.name,
    title: TITLES[manner],
    tier,
    unit: 'ms',
    ours,
    targets: QUIET,
    raws: manner === 'spin' ? [{ mechanism: raw.mechanism, rounds: theirs, comparable: false }] : [],
  })
}

const overMs = async (killed: Promise<Killed>): Promise<number> => (await killed).overMs

async function killOne(loaded: LoadedTier, manner: Resisting): Promise<number> {
  await ready(loaded)
  const running = loaded.program.start(manner)
  await pause(AT_IT_MS)
  const since = performance.now()
  await running.kill('measured')
  const killedMs = performance.now() - since
  expectEnding(await running.result, 'killed')
  return killedMs
}

/** Waits until the kill before this one is made good. */
async function ready({ broker, program }: LoadedTier): Promise<void> {
  await program.call('next')
  const until = performance.now() + READY_WITHIN_MS
  while (!broker.stats().pools.some(({ idle, opening }) => idle > 0 && opening === 0)) {
    if (performance.now() > until) throw new Error(`Cannot measure: no spare stood ready within ${READY_WITHIN_MS} ms`)
    await pause(5)
  }
  await pause(SETTLE_MS)
}
