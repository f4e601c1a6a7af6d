import { type ErrorCode, RingfenceError } from '../core/errors.ts'
import type { Outcome } from '../core/types.ts'
import { GuestCall, type Task } from './guest-call.ts'
import type { LiveExecution } from './live-execution.ts'
import { crashed } from './receipt.ts'
import type { Left, Seat, Seats } from './seats.ts'
import { type Supervision, supervise } from './supervise.ts'

/** How often a call that never started, or was stopped before it had any effect, is tried elsewhere. */
const MOVES = 1
/** How often one that had no effect yet goes elsewhere when a neighbour ended its carrier, which costs a neighbour its deadline. */
const LOSSES = 8

/** Nothing ran, and nothing is broken: the code may not run here, or not now. */
const REFUSALS: readonly ErrorCode[] = [
  'RF_ISOLATION_TOO_WEAK',
  'RF_UNDER_PRESSURE',
  'RF_CRASH_LOOP',
  'RF_THREADS_LOST',
]

/** Finds the execution a seat and runs it there. Once this resolves the race is decided and nothing of the guest runs. */
export async function execute(live: LiveExecution, task: Task, seats: Seats, supervision: Supervision): Promise<void> {
  const call = new GuestCall(live, task)
  try {
    for (let moves = MOVES, losses = LOSSES; live.race.outcome === undefined; ) {
      const tried = await tryOnce(live, call, task, seats, moves > 0 && losses > 0, supervision)
      // Who was displaced has not had its turn. It takes a call that ended badly, or slowly, to displace others.
      if (tried === 'lost') losses -= 1
      else if (tried !== 'unused') moves -= 1
    }
  } catch (error) {
    live.race.settle(crashed('The broker failed', error))
  }
}

async function tryOnce(
  live: LiveExecution,
  call: GuestCall,
  task: Task,
  seats: Seats,
  mayMove: boolean,
  supervision: Supervision,
): Promise<Left> {
  let seat: Seat
  try {
    const claimed = seats.claim(live)
    seat = claimed instanceof Promise ? await claimed : claimed
  } catch (err) {
    onClaimFailed(live, err, mayMove, supervision)
    return 'spent'
  }
  let left: Left = 'unused'
  try {
    if (live.race.outcome !== undefined) return left
    left = 'spent'
    left = await supervise(live, call, task, seat, mayMove && seat.isOnly !== true, supervision)
  } finally {
    seat.leave(left)
  }
  if (live.race.outcome === undefined && left !== 'unused') {
    supervision.logger.warn({ id: live.id, ...live.subject }, 'A call had no effect yet and moves to another sandbox')
    live.wait()
  }
  return left
}

/** A claim fails when the race was decided meanwhile, or when no sandbox can be opened; then it may be made once more. */
function onClaimFailed(live: LiveExecution, err: unknown, mayMove: boolean, { logger }: Supervision): void {
  if (live.race.outcome !== undefined) return
  logger.warn({ err, id: live.id, ...live.subject }, 'Cannot open sandbox')
  const outcome = unopened(err)
  if (mayMove && outcome.kind !== 'refused') live.wait()
  else live.race.settle(outcome)
}

/** What becomes of code for which no sandbox can be opened. */
export function unopened(err: unknown): Outcome {
  if (err instanceof RingfenceError && REFUSALS.includes(err.code)) return { kind: 'refused', reason: err.message }
  return crashed('Cannot open sandbox', err)
}
