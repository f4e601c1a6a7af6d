import type { Admission } from './admission.ts'
import type { Disposals } from './disposals.ts'
import type { AuditEvent } from './events.ts'
import type { LiveExecution } from './live-execution.ts'
import { openSandbox } from './open-sandbox.ts'
import { freshDemandOf, type Runnable } from './plan.ts'
import type { Seat, Seats } from './seats.ts'

/** What fresh seats need of the broker. */
export interface FreshSeatsHost {
  readonly admission: Admission
  readonly disposals: Disposals
  readonly onAudit: (event: AuditEvent) => void
}

/** A new sandbox for every call, disposed of when the call leaves it. */
export class FreshSeats implements Seats {
  readonly #runnable: Runnable
  readonly #host: FreshSeatsHost

  constructor(runnable: Runnable, host: FreshSeatsHost) {
    this.#runnable = runnable
    this.#host = host
  }

  /** Waits for a turn first, since opening a sandbox is already work. */
  async claim(live: LiveExecution): Promise<Seat> {
    const { admission, disposals, onAudit } = this.#host
    const demand = freshDemandOf(this.#runnable)
    const turn = admission.tryTake(demand) ?? (await admission.take(demand, live.race.signal))
    try {
      live.open()
      const { sandbox, box, openMs, isolation } = await openSandbox(this.#runnable, live.race.signal, onAudit)
      const leave = (): void => {
        turn.release()
        void disposals.add(sandbox)
      }
      return { sandbox, box, startMs: openMs, isolation, leave }
    } catch (error) {
      turn.release()
      throw error
    }
  }
}
