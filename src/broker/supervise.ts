import type { Ending, Sandbox } from '../core/sandbox.ts'
import type { GuestCall, Task } from './guest-call.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Logger } from './options.ts'
import { endedWell, messageOf } from './receipt.ts'
import type { Left, Seat } from './seats.ts'
import { Watch, type WatchPost } from './watch.ts'

/** What supervision needs of the broker. */
export interface Supervision extends WatchPost {
  readonly logger: Logger
}

/**
 * Runs the guest in its seat until something decides the race: its own ending, a deadline, a limit, or a kill. A guest
 * that did not end by itself is dead when this resolves. Answers how it left the sandbox.
 *
 * With `mayMove`, a guest that never started, or lost its carrier through a neighbour before it had any effect, leaves the
 * race undecided, so that it can be tried elsewhere; so does, always, one that was displaced while it waited.
 */
export async function supervise(
  live: LiveExecution,
  call: GuestCall,
  task: Task,
  seat: Seat,
  mayMove: boolean,
  supervision: Supervision,
): Promise<Left> {
  const { race } = live
  const { sandbox, box } = seat
  const stint = new Stint(live, call, task, seat, supervision)
  call.mayMove = mayMove
  // A sandbox that knows of calls ahead tells when it starts on one, also when that is at once.
  if (sandbox.ahead === undefined) stint.begin()
  try {
    const accept = (ending: Ending): void => {
      live.read()
      stint.isOver = true
      stint.wasDisplaced = ending.kind === 'displaced' || (seat.waits === true && !stint.hasBegun)
      if (!stint.wasDisplaced && !(mayMove && neverStarted(ending))) race.settle(call.judge(ending))
    }
    const ran = run(sandbox, call).then(accept, (error: unknown) => accept(failed(error)))
    await Promise.race([ran, race.decided])
    if (!stint.hasBegun && !stint.isOver) await Promise.race([ran, stint.withdraw()])
  } finally {
    stint.end()
    if (box.caller === call) box.caller = undefined
    if (stint.hasBegun) {
      if (!endedWell(race.outcome)) {
        live.stop()
        await kill(sandbox, live, supervision.logger)
      }
      if (race.outcome !== undefined) live.finish()
    }
  }
  if (stint.wasDisplaced) return stint.hasBegun ? 'lost' : 'unused'
  return endedWell(race.outcome) ? 'well' : 'spent'
}

/** The time of one call in its seat: at once, or once those before it have ended, the guest runs and is watched. */
class Stint {
  readonly #live: LiveExecution
  readonly #call: GuestCall
  readonly #task: Task
  readonly #seat: Seat
  readonly #supervision: Supervision
  readonly #begun = Promise.withResolvers<void>()
  #watch: Watch | undefined
  /** Whether its sandbox has said how it ended. */
  isOver = false
  /** Whether it waited in vain. */
  wasDisplaced = false

  constructor(live: LiveExecution, call: GuestCall, task: Task, seat: Seat, supervision: Supervision) {
    this.#live = live
    this.#call = call
    this.#task = task
    this.#seat = seat
    this.#supervision = supervision
    call.onStart = () => this.begin()
  }

  /** Whether its guest has started. */
  get hasBegun(): boolean {
    return this.#watch !== undefined
  }

  begin(): void {
    if (this.#watch !== undefined) return
    const { sandbox, box, startMs, isolation } = this.#seat
    this.#live.begin(sandbox, startMs)
    this.#live.isolation = isolation
    box.caller = this.#call
    this.#call.begin()
    this.#watch = new Watch(this.#live, this.#seat, this.#task.limits, this.#supervision)
    this.#begun.resolve()
    this.#seat.onBegin?.()
  }

  /** Takes it back where it waits. Resolves only if it starts all the same. */
  withdraw(): Promise<void> {
    this.#seat.sandbox.withdraw?.(this.#call)
    return this.#begun.promise
  }

  end(): void {
    this.#watch?.stop()
    this.#call.rest()
  }
}

function neverStarted(ending: Ending): boolean {
  return ending.kind === 'crashed' && !ending.started
}

function run(sandbox: Sandbox, call: GuestCall): Promise<Ending> {
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
    live.read()
  } catch (err) {
    logger.error({ err, id: live.id, ...live.subject }, 'Cannot kill a guest')
  }
}
