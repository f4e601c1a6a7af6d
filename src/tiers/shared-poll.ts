/**
 * One timer for all who want to look at something from time to time. It stops by itself a period after the last one
 * left, so that turns in quick succession do not start and stop a timer each.
 */
export class SharedPoll {
  readonly #everyMs: number
  readonly #looks = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined

  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  /** Calls `look` from now on, until the answer is called. */
  add(look: () => void): () => void {
    this.#looks.add(look)
    this.#timer ??= setInterval(() => this.#tick(), this.#everyMs)
    return () => this.#looks.delete(look)
  }

  #tick(): void {
    for (const look of this.#looks) look()
    if (this.#looks.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
