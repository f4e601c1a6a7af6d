import { setTimeout } from 'node:timers/promises'
import { RingfenceError } from '../core/errors.ts'

/** So many in a row may happen for any reason: the next carrier starts at once. */
const FREE_FAILURES = 2
/** From so many on nobody waits any more. */
const REFUSING_FAILURES = 5
const FIRST_PAUSE_MS = 50
/** Also how soon after its cause is gone a tier serves again. */
const LONGEST_PAUSE_MS = 5000
/** Failures further apart than this are no loop. */
const FORGET_MS = 4 * LONGEST_PAUSE_MS

/**
 * Keeps a tier from spinning whose carriers fail to start, or die before anybody was in them: the next start waits longer
 * each time, and after a few of them who asks is refused with the cause, but for one attempt after each pause. What a guest
 * does to a carrier is not counted here: it could have its neighbours refused.
 */
export class CrashLoop {
  readonly #what: string
  #failures = 0
  #firstAt = 0
  #lastAt = 0
  #cause = ''

  constructor(what: string) {
    this.#what = what
  }

  /** A carrier did not start, or died while it stood ready. */
  failed(cause: string): void {
    const now = performance.now()
    if (this.#failures === 0 || now - this.#lastAt > FORGET_MS) {
      this.#failures = 0
      this.#firstAt = now
    }
    this.#failures += 1
    this.#lastAt = now
    this.#cause = cause
  }

  /** A carrier took a guest: whatever it was is over. */
  thrived(): void {
    this.#failures = 0
  }

  /** How long the next start has to wait. */
  get pauseMs(): number {
    const beyond = this.#failures - FREE_FAILURES
    if (beyond <= 0) return 0
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (beyond - 1))
    return Math.max(0, this.#lastAt + pause - performance.now())
  }

  /** Why nobody should wait for the next start, when that is so. */
  get refusal(): RingfenceError | undefined {
    if (this.#failures < REFUSING_FAILURES || this.pauseMs === 0) return undefined
    const seconds = Math.ceil((this.#lastAt - this.#firstAt) / 1000) || 1
    const often = `${this.#what} failed ${this.#failures} times within ${seconds} s`
    const next = `the next is tried in ${Math.ceil(this.pauseMs)} ms`
    return new RingfenceError(
      'RF_CRASH_LOOP',
      `Cannot open sandbox: ${often}, the last because ${this.#cause}; ${next}`,
    )
  }

  /**
   * Starts a carrier when its turn has come, and counts it when it fails. Rejects with `RF_CRASH_LOOP`, and starts none,
   * when its turn is not worth waiting for.
   */
  async start<Carrier>(begin: () => Promise<Carrier>): Promise<Carrier> {
    const { refusal, pauseMs } = this
    if (refusal !== undefined) throw refusal
    // In a loop, this one is the only attempt until the pause is over once more.
    if (this.#failures >= REFUSING_FAILURES) this.#lastAt = performance.now()
    if (pauseMs > 0) await setTimeout(pauseMs)
    try {
      return await begin()
    } catch (error) {
      this.failed(causeOf(error))
      throw error
    }
  }
}

/** What a failed start says, without what was attempted, which a refusal says itself. */
const causeOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/^Cannot (?:open sandbox|start a carrier): (?:its carrier failed: )?/, '')
}
