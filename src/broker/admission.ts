import type { Demand } from './pressure-level.ts'
import type { Reservations } from './reservations.ts'
import { WaitingLine } from './waiting-line.ts'

/** One of the turns that may be taken at once. Giving it back twice gives back one. */
export interface Turn {
  release(): void
}

/** Who keeps some out while the host is hard pressed. */
export interface Gate {
  /** Whether somebody may come in at once. Throws when they are turned away; false is to wait. */
  admits(demand: Demand): boolean
  /** Resolves when they may. Rejects when they are turned away, or aborted. */
  pass(demand: Demand, signal: AbortSignal): Promise<void>
}

/**
 * Lets a fixed number of guests run at once, and no more than there is memory for; the others wait in the order they came.
 * Under pressure it lets in fewer.
 */
export class Admission {
  readonly #max: number
  readonly #gate: Gate
  readonly #reservations: Reservations
  readonly #line = new WaitingLine<Turn>('a turn')
  #taken = 0

  constructor(max: number, gate: Gate, reservations: Reservations) {
    this.#max = max
    this.#gate = gate
    this.#reservations = reservations
  }

  /** Takes a turn when one is free and the gate is open. Throws when the gate turns away. */
  tryTake(demand: Demand): Turn | undefined {
    if (!this.#gate.admits(demand)) return undefined
    const memory = this.#reservations.tryTake(reservedBytes(demand))
    if (memory === undefined) return undefined
    const turn = this.#tryTurn()
    if (turn === undefined) memory.release()
    return turn && both(memory, turn)
  }

  /** Whether a call may use the turn of the one before it: the gate is open, and nobody waits for a turn. */
  letsFollow(demand: Demand): boolean {
    if (this.#line.size > 0 || this.#reservations.isContended) return false
    try {
      return this.#gate.admits(demand)
    } catch {
      // Whoever takes a turn is told why they are turned away.
      return false
    }
  }

  /** Takes a turn as soon as one is free. Rejects when aborted before that, and when the gate turns away. */
  async take(demand: Demand, signal: AbortSignal): Promise<Turn> {
    for (;;) {
      if (!this.#gate.admits(demand)) await this.#gate.pass(demand, signal)
      const turn = await this.#join(demand, signal)
      // What was waited for in the line may have come too late: the host can be hard pressed by now.
      if (this.#admits(demand, turn)) return turn
      turn.release()
    }
  }

  /** Memory first: who waits for it holds no turn that others could use. */
  async #join(demand: Demand, signal: AbortSignal): Promise<Turn> {
    const bytes = reservedBytes(demand)
    const memory = this.#reservations.tryTake(bytes) ?? (await this.#reservations.take(bytes, signal))
    try {
      return both(memory, this.#tryTurn() ?? (await this.#line.join(signal)))
    } catch (error) {
      memory.release()
      throw error
    }
  }

  #tryTurn(): Turn | undefined {
    if (this.#taken >= this.#max) return undefined
    this.#taken += 1
    return this.#turn()
  }

  #admits(demand: Demand, turn: Turn): boolean {
    try {
      return this.#gate.admits(demand)
    } catch (error) {
      turn.release()
      throw error
    }
  }

  /** A turn goes from hand to hand while anybody waits, so nobody can overtake. */
  #turn(): Turn {
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        if (this.#line.size === 0) this.#taken -= 1
        else this.#line.serve(this.#turn())
      },
    }
  }
}

/** Trusted code waits for no memory: it is what the host is there for. */
function reservedBytes({ trust, memoryBytes, placeBytes = 0 }: Demand): number {
  return trust === 'trusted' ? 0 : memoryBytes + placeBytes
}

function both(memory: Turn, turn: Turn): Turn {
  return {
    release: () => {
      memory.release()
      turn.release()
    },
  }
}
