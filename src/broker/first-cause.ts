import type { Outcome } from '../core/types.ts'

/** Made once: the reason Node makes by itself is a DOMException with a stack each time. */
const DECIDED = new Error('The execution has ended')

/**
 * The race of everything that can end one execution. The first outcome told is the outcome; whatever the killing of the
 * others then causes comes too late. Settles once and never throws.
 */
export class FirstCause {
  readonly #decision: PromiseWithResolvers<void> = Promise.withResolvers()
  #outcome: Outcome | undefined
  #controller: AbortController | undefined

  /** What ended the execution, once something has. */
  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  /** Resolves once there is an outcome. */
  get decided(): Promise<void> {
    return this.#decision.promise
  }

  /** Aborted once there is an outcome. Made on demand, since a warm call waits for nothing. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#outcome !== undefined) this.#controller.abort(DECIDED)
    }
    return this.#controller.signal
  }

  /** Tells a cause. Answers whether it was the first. */
  settle(outcome: Outcome): boolean {
    if (this.#outcome !== undefined) return false
    this.#outcome = outcome
    this.#decision.resolve()
    this.#controller?.abort(DECIDED)
    return true
  }
}
