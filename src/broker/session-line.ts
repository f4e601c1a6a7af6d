/** The calls of a session, one after the other, and how long there have been none. */
export class SessionLine {
  readonly #idleMs: number
  readonly #onRest: () => void
  readonly #onIdle: () => void
  /** Resolves once no call is under way or waits. */
  #clear: Promise<void> = Promise.resolve()
  #pending = 0
  #idleSince = performance.now()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** `onRest` is told when the last call has ended, `onIdle` when none came for `idleMs` since. */
  constructor(idleMs: number, onRest: () => void, onIdle: () => void) {
    this.#idleMs = idleMs
    this.#onRest = onRest
    this.#onIdle = onIdle
  }

  /** Resolves once no call is under way or waits, as it is now. */
  get clear(): Promise<void> {
    return this.#clear
  }

  /** Whether there is a call, or work that stands for one. */
  get isBusy(): boolean {
    return this.#pending > 0
  }

  /** How long there has been none. */
  get idleMs(): number {
    return this.isBusy ? 0 : performance.now() - this.#idleSince
  }

  /** One more, which has waited for `clear` and ends when this settles. */
  join(turn: Promise<unknown>): void {
    const before = this.#clear
    this.#clear = this.occupy(turn).then(() => before)
  }

  /** There is work that stands for a call and holds up none. Resolves when it is done, however it ends. */
  occupy(work: Promise<unknown>): Promise<void> {
    clearTimeout(this.#timer)
    this.#pending += 1
    const onDone = (): void => {
      this.#pending -= 1
      if (this.#pending === 0) this.rest()
    }
    return work.then(onDone, onDone)
  }

  /** Nobody calls now. */
  rest(): void {
    if (this.#isClosed) return
    this.#idleSince = performance.now()
    this.#timer = setTimeout(this.#onIdle, this.#idleMs).unref()
    this.#onRest()
  }

  /** It is not told any more. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }
}
