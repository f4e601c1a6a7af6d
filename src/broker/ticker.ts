/** How often what runs is looked at. */
const TICK_MS = 5

/** Something to be looked at again and again. Must not throw. */
export interface Ticking {
  tick(): void
}

/**
 * One timer for all that runs. It stops on the first tick that finds nothing to look at, not with the last call, so that
 * a stream of short calls costs no timer each. It never keeps the process alive: the calls' own deadlines do.
 */
export class Ticker implements Disposable {
  readonly #ticking = new Set<Ticking>()
  #timer: NodeJS.Timeout | undefined

  /** Starts looking at something. */
  add(ticking: Ticking): void {
    this.#ticking.add(ticking)
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Stops looking at it. */
  delete(ticking: Ticking): void {
    this.#ticking.delete(ticking)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#ticking.clear()
  }

  #tick(): void {
    if (this.#ticking.size === 0) this[Symbol.dispose]()
    for (const ticking of this.#ticking) ticking.tick()
  }
}
