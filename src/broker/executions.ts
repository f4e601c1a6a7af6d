import type { Execution, KilledBy, Outcome, PolicyDecision } from '../core/types.ts'
import type { Events } from './events.ts'
import { execute } from './execute.ts'
import type { Task } from './guest-call.ts'
import { LiveExecution } from './live-execution.ts'
import { crashed, messageOf, receiptOf } from './receipt.ts'
import type { Subject } from './scope.ts'
import type { Seats } from './seats.ts'
import type { Tally } from './stats.ts'
import type { Supervision } from './supervise.ts'

/** What an execution is to do: run, or only write the receipt of what is settled already. */
export type Work =
  | { readonly kind: 'run'; readonly task: Task; readonly seats: Seats }
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  /** Its program is being prepared elsewhere; what it is, and what it is to do, is known once that is done. */
  | { readonly kind: 'later'; readonly ready: Readying; readonly plan: () => PlannedWork }

/** Does what is to be waited for. May stop, and resolve, when it is aborted: then nobody waits any more. Never rejects. */
export type Readying = (signal?: AbortSignal) => Promise<void>

/** What an execution is to do once nothing is left to wait for. */
export type SettledWork = Exclude<Work, { readonly kind: 'later' }>

/** What is known of an execution once its program is prepared. */
export interface PlannedWork {
  readonly subject: Subject
  readonly decision: PolicyDecision
  readonly work: SettledWork
}

/** An execution that is wanted. */
export interface Order {
  readonly subject: Subject
  readonly decision: PolicyDecision
  readonly work: Work
  readonly signal: AbortSignal | undefined
  /** The loaded program or session it is a call of. */
  readonly owner?: object
}

/** Every execution there is, from its order to its receipt. */
export class Executions {
  readonly #live = new Map<LiveExecution, Order>()
  readonly #supervision: Supervision
  readonly #events: Events
  readonly #tally: Tally

  readonly #onEnded: (subject: Subject, receipt: Execution) => void

  constructor(
    supervision: Supervision,
    events: Events,
    tally: Tally,
    onEnded: (subject: Subject, receipt: Execution) => void,
  ) {
    this.#supervision = supervision
    this.#onEnded = onEnded
    this.#events = events
    this.#tally = tally
  }

  /** Starts an execution. */
  launch(order: Order): LiveExecution {
    const live = new LiveExecution(order.subject, order.decision)
    this.#live.set(live, order)
    void this.#conduct(live, order)
    return live
  }

  /** Ends all that are chosen. Resolves when nothing of them runs any more, with how many this ended. */
  async end(
    chosen: (subject: Subject, owner: object | undefined) => boolean,
    by: KilledBy,
    reason: string,
  ): Promise<number> {
    const reached = [...this.#live].filter(([live, { owner }]) => chosen(live.subject, owner)).map(([live]) => live)
    const ended = reached.filter((live) => live.end(by, reason))
    await Promise.all(reached.map((live) => live.result))
    return ended.length
  }

  /** Resolves when those there are now of this owner have ended. */
  async ended(owner: object): Promise<void> {
    const theirs = [...this.#live].filter(([, order]) => order.owner === owner)
    await Promise.all(theirs.map(([live]) => live.result))
  }

  /** Those whose guests run now. */
  running(): readonly LiveExecution[] {
    return [...this.#live.keys()].filter(({ phase }) => phase === 'running')
  }

  /** What those hold that have reserved memory, as far as it was measured, each up to its limit. */
  heldBytes(): number {
    let held = 0
    for (const live of this.running()) {
      if (live.subject.trust !== 'trusted') held += live.heldBytes()
    }
    return held
  }

  /** How many run, and how many wait for a turn or a sandbox. */
  get counts(): { readonly running: number; readonly queued: number } {
    let running = 0
    for (const live of this.#live.keys()) if (live.phase === 'running') running += 1
    return { running, queued: this.#live.size - running }
  }

  /** Never rejects, and closes the execution exactly once. */
  async #conduct(live: LiveExecution, { work, signal }: Order): Promise<void> {
    const onAbort = (): void => void live.end('signal', messageOf(signal?.reason))
    if (work.kind === 'settled') live.race.settle(work.outcome)
    else if (signal?.aborted === true) onAbort()
    else {
      signal?.addEventListener('abort', onAbort, { once: true })
      await this.#carryOut(live, work)
      signal?.removeEventListener('abort', onAbort)
    }
    this.#close(live, receiptOf(live))
  }

  /** Never rejects. */
  async #carryOut(live: LiveExecution, work: Work): Promise<void> {
    try {
      const now = work.kind === 'later' ? await planned(live, work) : work
      if (now?.kind === 'settled') live.race.settle(now.outcome)
      else if (now?.kind === 'run') await execute(live, now.task, now.seats, this.#supervision)
    } catch (error) {
      live.race.settle(crashed('The program could not be prepared', error))
    }
  }

  #close(live: LiveExecution, receipt: Execution): void {
    this.#live.delete(live)
    this.#tally.count(receipt.outcome)
    live.close(receipt)
    this.#onEnded(live.subject, receipt)
    this.#events.emit('ended', receipt)
    const { id, tier, outcome, usage } = receipt
    this.#supervision.logger.debug({ id, tier, outcome: outcome.kind, usage }, 'An execution ended')
  }
}

/** From here on kill switches reach it by what it turned out to be; in the same moment it was seen not to be blocked. */
async function planned(
  live: LiveExecution,
  { ready, plan }: Extract<Work, { readonly kind: 'later' }>,
): Promise<SettledWork | undefined> {
  await Promise.race([ready(live.race.signal), live.race.decided])
  if (live.race.outcome !== undefined) return undefined
  const { subject, decision, work } = plan()
  live.subject = subject
  live.decision = decision
  return work
}
