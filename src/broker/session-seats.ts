import type { Admission, Turn } from './admission.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Opened } from './open-sandbox.ts'
import type { Demand } from './pressure-level.ts'
import type { Left, Seat, Seats } from './seats.ts'

/** The one sandbox of a session, as its calls take it, one after the other. */
export class SessionSeats implements Seats {
  readonly #opened: Opened
  readonly #admission: Admission
  readonly #demand: Demand
  readonly #onLeft: (left: Left, live: LiveExecution) => void

  constructor(opened: Opened, admission: Admission, demand: Demand, onLeft: (left: Left, live: LiveExecution) => void) {
    this.#opened = opened
    this.#admission = admission
    this.#demand = demand
    this.#onLeft = onLeft
  }

  claim(live: LiveExecution): Seat | Promise<Seat> {
    const turn = this.#admission.tryTake(this.#demand)
    return turn === undefined ? this.#claimTurn(live) : this.#seat(live, turn)
  }

  async #claimTurn(live: LiveExecution): Promise<Seat> {
    return this.#seat(live, await this.#admission.take(this.#demand, live.race.signal))
  }

  #seat(live: LiveExecution, turn: Turn): Seat {
    const { sandbox, box, isolation } = this.#opened
    const leave = (left: Left): void => {
      turn.release()
      this.#onLeft(left, live)
    }
    return { sandbox, box, startMs: 0, isolation, isOnly: true, leave }
  }
}
