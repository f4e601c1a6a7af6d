import type { Admission, Turn } from './admission.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Pool } from './pool.ts'
import type { Demand } from './pressure-level.ts'
import type { Seat, Seats } from './seats.ts'
import type { WarmSandbox } from './warm-sandbox.ts'

/** Seats in the warm sandboxes of one program. */
export class PooledSeats implements Seats {
  readonly #pool: Pool
  readonly #admission: Admission
  readonly #demand: Demand

  constructor(pool: Pool, admission: Admission, demand: Demand) {
    this.#pool = pool
    this.#admission = admission
    this.#demand = demand
  }

  /** Claims a sandbox first and a turn then, so that calls queueing for one program's sandboxes hold nobody else up. */
  claim(live: LiveExecution): Seat | Promise<Seat> {
    const warm = this.#pool.tryClaim()
    if (warm === undefined) return this.#claimLater(live)
    const turn = this.#tryTurn(warm)
    return turn === undefined ? this.#claimTurn(live, warm) : this.#seat(live, warm, turn)
  }

  #tryTurn(warm: WarmSandbox): Turn | undefined {
    try {
      return this.#admission.tryTake(this.#demand)
    } catch (error) {
      this.#pool.giveBack(warm, true)
      throw error
    }
  }

  async #claimLater(live: LiveExecution): Promise<Seat> {
    return this.#claimTurn(live, await this.#pool.claim(live.race.signal))
  }

  async #claimTurn(live: LiveExecution, warm: WarmSandbox): Promise<Seat> {
    try {
      return this.#seat(live, warm, await this.#admission.take(this.#demand, live.race.signal))
    } catch (error) {
      this.#pool.giveBack(warm, true)
      throw error
    }
  }

  #seat(live: LiveExecution, warm: WarmSandbox, turn: { release(): void }): Seat {
    const { sandbox, box, isolation } = warm.opened
    const leave = (reusable: boolean): void => {
      turn.release()
      warm.countCall()
      this.#pool.giveBack(warm, reusable)
    }
    return { sandbox, box, startMs: warm.startMsFor(live.createdAt), isolation, leave }
  }
}
