import type { Sandbox } from '../core/sandbox.ts'
import type { Admission } from './admission.ts'
import type { Disposals } from './disposals.ts'
import type { AuditEvent } from './events.ts'
import type { LiveExecution } from './live-execution.ts'
import { type Opened, openSandbox } from './open-sandbox.ts'
import { freshDemandOf, type Runnable } from './plan.ts'
import type { Left, Seat, Seats } from './seats.ts'

/** What fresh seats need of the broker. */
export interface FreshSeatsHost {
  readonly admission: Admission
  readonly disposals: Disposals
  readonly onAudit: (event: AuditEvent) => void
}

/** What becomes of a sandbox that is not only for one call. */
export interface Stay {
  /** Is given the sandbox, and owns it, where the call left it well. */
  readonly keep: (opened: Opened) => void
  /** What is not to be lost through it. */
  readonly apartFrom: Sandbox | undefined
}

/** A new sandbox for every call, disposed of when the call leaves it, unless it stays. */
export class FreshSeats implements Seats {
  readonly #runnable: Runnable
  readonly #host: FreshSeatsHost
  readonly #stay: Stay | undefined

  constructor(runnable: Runnable, host: FreshSeatsHost, stay?: Stay) {
    this.#runnable = runnable
    this.#host = host
    this.#stay = stay
  }

  /** Waits for a turn first, since opening a sandbox is already work. */
  async claim(live: LiveExecution): Promise<Seat> {
    const { admission, disposals, onAudit } = this.#host
    const demand = freshDemandOf(this.#runnable)
    const turn = admission.tryTake(demand) ?? (await admission.take(demand, live.race.signal))
    try {
      live.open()
      const opened = await openSandbox(this.#runnable, live.race.signal, onAudit, this.#stay?.apartFrom)
      const { sandbox, box, openMs, isolation } = opened
      const leave = (left: Left): void => {
        turn.release()
        if (left === 'well' && this.#stay !== undefined) this.#stay.keep(opened)
        else void disposals.add(sandbox)
      }
      return { sandbox, box, startMs: openMs, isolation, leave }
    } catch (error) {
      turn.release()
      throw error
    }
  }
}
