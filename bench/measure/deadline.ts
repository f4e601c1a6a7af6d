import { setTimeout as pause } from 'node:timers/promises'
import type { TierId } from '../../src/index.ts'
import { interleave } from '../interleave.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { type Killed, type Manner, rawKill } from '../raw/kill.ts'
import { expectEnding, type LoadedTier, loadIn, TIERS } from '../routes.ts'
import { type Row, rowsOf, type Target } from '../row.ts'

const WALL_MS = 50
/** In which spares are made behind the broker's back, after what can be seen of them is there. */
const SETTLE_MS = 60
const READY_WITHIN_MS = 5000
const MOST_TRIES = 5
const ROUNDS: Readonly<Record<Pace, number>> = { full: 12, quick: 2 }

const SOURCE = `export default (manner) => {
  if (manner === 'spin') for (;;);
  if (manner === 'stick') return ((1n << 200000000n) - 1n).toString().length
  return manner
}`

const RETURNED: readonly Target[] = [{ of: 'p99', bound: 'atMost', value: 10 }]
const SERVED: readonly Target[] = [{ of: 'p99', bound: 'atMost', value: 5 }]

/** An endless loop. */
export const deadline: Measurement = {
  name: 'deadline',
  summary: `an endless loop with ${WALL_MS} ms: time over the deadline, and until the next call is served`,
  tiers: TIERS,
  measure: (tier, pace) => measureDeadline(tier, pace, 'spin'),
}

/** A built-in that neither V8's interrupts nor the end of a thread can stop, where a tier claims to stop it. */
export const builtinDeadline: Measurement = {
  name: 'deadline-builtin',
  summary: `a built-in that cannot be interrupted, with ${WALL_MS} ms: the same two times`,
  tiers: ['isolate', 'process'],
  measure: (tier, pace) => measureDeadline(tier, pace, 'stick'),
}

async function measureDeadline(tier: TierId, pace: Pace, manner: Manner): Promise<readonly Row[]> {
  await using loaded = await loadIn(tier, SOURCE, { limits: { wallMs: WALL_MS } })
  await pause(10 * SETTLE_MS)
  const carriers = carriersOf(loaded)
  const raw = rawKill(tier, manner)
  const [ours = [], theirs = []] = await interleave<Killed>(
    [async () => [await killOne(loaded, manner, carriers)], async () => [await raw.take(WALL_MS)]],
    ROUNDS[pace],
  )
  const what = manner === 'spin' ? 'loop' : 'built-in'
  const row = (title: string, key: keyof Killed, targets: readonly Target[]) =>
    rowsOf({
      measurement: manner === 'spin' ? deadline.name : builtinDeadline.name,
      title,
      tier,
      unit: 'ms',
      ours: ours.map((round) => round.map((sample) => sample[key])),
      targets,
      raws: [
        {
          mechanism: raw.mechanism,
          rounds: theirs.map((round) => round.map((sample) => sample[key])),
          comparable: key === 'nextMs',
        },
      ],
    })
  return [
    ...row(`${what}: over its deadline`, 'overMs', tier === 'vm' ? [] : RETURNED),
    ...row(`${what}: next call served`, 'nextMs', SERVED),
  ]
}

async function killOne(loaded: LoadedTier, manner: Manner, carriers: number): Promise<Killed> {
  await readyAgain(loaded, carriers)
  const since = performance.now()
  const execution = await loaded.program.call(manner)
  const back = performance.now()
  await serveNext(loaded)
  const nextMs = performance.now() - back
  const { queuedMs, startMs } = expectEnding(execution, 'exceeded').usage
  return { overMs: back - since - queuedMs - startMs - WALL_MS, nextMs }
}

/** Calls until a call is served: on a machine that is busy enough, one after a kill can meet the deadline itself. */
async function serveNext({ program }: LoadedTier): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const execution = await program.call('next')
    if (execution.outcome.kind === 'returned') return
    if (tries === MOST_TRIES) expectEnding(execution, 'returned')
  }
}

/** Waits until the kill before this one is made good: a sandbox stands idle, and as many carriers as at first. */
async function readyAgain(loaded: LoadedTier, carriers: number): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS
  const isReady = (): boolean =>
    carriersOf(loaded) >= carriers && loaded.broker.stats().pools.some(({ idle, opening }) => idle > 0 && opening === 0)
  while (!isReady()) {
    if (performance.now() > until) throw new Error(`Cannot measure: no spare stood ready within ${READY_WITHIN_MS} ms`)
    await pause(5)
  }
  await pause(SETTLE_MS)
}

function carriersOf({ broker }: LoadedTier): number {
  return broker.stats().tiers.reduce((sum, { carriers }) => sum + carriers.length, 0)
}
