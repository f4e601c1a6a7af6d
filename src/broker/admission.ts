import { WaitingLine } from './waiting-line.ts'

/** One of the turns that may be taken at once. Giving it back twice gives back one. */
export interface Turn {
  release(): void
}

/** Lets a fixed number of guests run at once; the others wait in the order they came. */
export class Admission {
  readonly #max: number
  readonly #line = new WaitingLine<Turn>('a turn')
  #taken = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Takes a turn when one is free. */
  tryTake(): Turn | undefined {
    if (this.#taken >= this.#max) return undefined
    this.#taken += 1
    return this.#turn()
  }

  /** Takes a turn as soon as one is free. Rejects when aborted before that. */
  take(signal: AbortSignal): Promise<Turn> {
    const turn = this.tryTake()
    return turn === undefined ? this.#line.join(signal) : Promise.resolve(turn)
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
