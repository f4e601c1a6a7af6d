import type { Turn } from './admission.ts'
import { WaitingLine } from './waiting-line.ts'

/** What the reservations are made in. */
export interface Space {
  /** Bytes that are left before the pressure is critical; undefined where nothing sets a limit. */
  room(): number | undefined
  /** Bytes of that space which the guests with reservations hold already. */
  held(): number
}

/**
 * Memory that guests may take and have not taken yet. Without this, as many as come at once are let in while there is
 * room for each of them, and together they outrun every watch. Their limits may exceed the room by a factor, since few
 * guests ever reach them.
 */
export class Reservations {
  readonly #space: Space
  readonly #overcommit: number
  readonly #line = new WaitingLine<Turn, number>('memory')
  #reserved = 0

  constructor(space: Space, overcommit: number) {
    this.#space = space
    this.#overcommit = overcommit
  }

  /** Whether somebody waits for memory. */
  get isContended(): boolean {
    return this.#line.size > 0
  }

  /** Reserves so much if there is room and nobody waits for it. */
  tryTake(bytes: number): Turn | undefined {
    if (bytes === 0) return this.#take(0)
    return this.#line.size === 0 && this.#fits(bytes) ? this.#take(bytes) : undefined
  }

  /** Reserves so much as soon as there is room. Rejects when aborted before that. */
  take(bytes: number, signal: AbortSignal): Promise<Turn> {
    const taken = this.tryTake(bytes)
    return taken === undefined ? this.#line.join(signal, bytes) : Promise.resolve(taken)
  }

  /** Lets in who fits now, in the order they came: there may be more room than before. */
  review(): void {
    for (let bytes = this.#line.next; bytes !== undefined && this.#fits(bytes); bytes = this.#line.next) {
      this.#line.serve(this.#take(bytes))
    }
  }

  /** One always fits, however large: somebody must be let in, and the limits of others do not matter to them. */
  #fits(bytes: number): boolean {
    if (this.#reserved === 0) return true
    const room = this.#space.room()
    if (room === undefined) return true
    const wanted = this.#reserved + bytes
    // What guests hold is asked of each, and hardly ever needed: they hold at least nothing.
    return wanted <= room * this.#overcommit || wanted - this.#space.held() <= room * this.#overcommit
  }

  #take(bytes: number): Turn {
    this.#reserved += bytes
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        this.#reserved -= bytes
        if (bytes > 0) this.review()
      },
    }
  }
}
