import type { Admission, Turn } from './admission.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Pool } from './pool.ts'
import type { Demand } from './pressure-level.ts'
import type { Left, Seat, Seats } from './seats.ts'
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
    if (warm === undefined) return this.#follow(live) ?? this.#claimLater(live)
    warm.turn = this.#tryTurn(warm)
    return warm.turn === undefined ? this.#claimTurn(live, warm) : this.#seat(live, warm)
  }

  /** Takes a place behind another call of this program, and later its turn, which nobody else waits for. */
  #follow(live: LiveExecution): Seat | undefined {
    const warm = this.#pool.tryFollow()
    return warm && this.#seat(live, warm, true)
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
    const warm = await this.#pool.claim(live.race.signal)
    return warm.turn === undefined ? this.#claimTurn(live, warm) : this.#seat(live, warm, true)
  }

  async #claimTurn(live: LiveExecution, warm: WarmSandbox): Promise<Seat> {
    try {
      warm.turn = await this.#admission.take(this.#demand, live.race.signal)
      return this.#seat(live, warm)
    } catch (error) {
      this.#pool.giveBack(warm, true)
      throw error
    }
  }

  #seat(live: LiveExecution, warm: WarmSandbox, waits = false): Seat {
    const { sandbox, box, isolation } = warm.opened
    const leave = (left: Left): void => {
      if (left !== 'unused') warm.countCall(live.heldAtEnd)
      if (warm.load === 1) {
        warm.turn?.release()
        warm.turn = undefined
      }
      this.#pool.giveBack(warm, left === 'well' || left === 'unused')
    }
    const onBegin = (): void => this.#pool.letFollow(warm)
    const onSlow = (): void => this.#pool.relieve(warm)
    return { sandbox, box, startMs: warm.startMsFor(live.createdAt), isolation, waits, onBegin, onSlow, leave }
  }
}
