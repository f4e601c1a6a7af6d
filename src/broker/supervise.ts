import type { Ending, Sandbox } from '../core/sandbox.ts'
import type { GuestCall, Task } from './guest-call.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Logger } from './options.ts'
import { endedWell, messageOf } from './receipt.ts'
import type { Seat } from './seats.ts'
import { Watch, type WatchPost } from './watch.ts'

/** What supervision needs of the broker. */
export interface Supervision extends WatchPost {
  readonly logger: Logger
}

/**
 * Runs the guest in its seat until something decides the race: its own ending, a deadline, a limit, or a kill. A guest
 * that did not end by itself is dead when this resolves. Answers whether the sandbox may be called again.
 *
 * With `mayMove`, a guest that never started leaves the race undecided, so that it can be tried elsewhere.
 */
export async function supervise(
  live: LiveExecution,
  call: GuestCall,
  task: Task,
  seat: Seat,
  mayMove: boolean,
  supervision: Supervision,
): Promise<boolean> {
  const { race } = live
  const { sandbox, box } = seat
  live.begin(sandbox, seat.startMs)
  live.isolation = seat.isolation
  box.caller = call
  call.mayMove = mayMove
  const watch = new Watch(live, sandbox, task.limits, supervision)
  try {
    const accept = (ending: Ending): void => {
      live.meter.read(sandbox)
      if (!(mayMove && neverStarted(ending))) race.settle(call.judge(ending))
    }
    const ran = begin(sandbox, call).then(accept, (error: unknown) => accept(failed(error)))
    await Promise.race([ran, race.decided])
  } finally {
    watch.stop()
    box.caller = undefined
    if (!endedWell(race.outcome)) await kill(sandbox, live, supervision.logger)
    if (race.outcome !== undefined) live.finish()
  }
  return endedWell(race.outcome) && sandbox.reusable
}

function neverStarted(ending: Ending): boolean {
  return ending.kind === 'crashed' && !ending.started
}

function begin(sandbox: Sandbox, call: GuestCall): Promise<Ending> {
  try {
    return sandbox.run(call)
  } catch (error) {
    return Promise.resolve(failed(error))
  }
}

function failed(error: unknown): Ending {
  return { kind: 'crashed', detail: `The tier failed: ${messageOf(error)}`, started: true }
}

/** A tier that cannot kill is broken; the outcome stands all the same, and the operator hears of it. */
async function kill(sandbox: Sandbox, live: LiveExecution, logger: Logger): Promise<void> {
  try {
    await sandbox.kill()
    live.meter.read(sandbox)
  } catch (err) {
    logger.error({ err, id: live.id, ...live.subject }, 'Cannot kill a guest')
  }
}
