import type { Worker } from 'node:worker_threads'
import { RingfenceError } from '../../core/errors.ts'

/** How long a thread that was told to end is waited for. One that computes in JavaScript is gone within milliseconds. */
const PATIENCE_MS = 2000
/** Each holds a core and its memory until the process ends, so that more of them would take the host from those who pay. */
const MAX_LOST = 4
/** When a thread is told once more. */
const AGAIN_AFTER_MS = [10, 50, 250, 1000]

/**
 * Threads that were told to end and do not, because their guest is in a built-in that looks at no interrupt.
 *
 * ATTACK: `Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => {})`. `terminate()` never comes back; without an end to
 * the waiting no call of such a guest would settle, and no kill.
 */
export class LostThreads {
  readonly #lost = new Set<Worker>()
  readonly #listeners: ((threadId: number) => void)[] = []

  /** The ids of those who have not ended to this moment. */
  get ids(): readonly number[] {
    return Array.from(this.#lost, ({ threadId }) => threadId)
  }

  /** Why no further guest should be given a thread, when so many are lost. */
  get refusal(): RingfenceError | undefined {
    if (this.#lost.size < MAX_LOST) return undefined
    return new RingfenceError(
      'RF_THREADS_LOST',
      `Cannot open sandbox: ${this.#lost.size} threads of the worker tier are held by built-ins that nothing but the end of the process stops`,
    )
  }

  /** Calls the listener for each thread that is given up. */
  onLost(listener: (threadId: number) => void): void {
    this.#listeners.push(listener)
  }

  /**
   * Waits for a thread that was told to end, and tells it again. Resolves once it is gone, or given up.
   *
   * ATTACK: `for (;;) Promise.reject().catch(() => {})`. Being told may find V8 in a function of Node's own, which ends in the
   * guest's place: see docs/discoveries/a-termination-that-is-swallowed.md.
   */
  async awaitEnd(thread: Worker): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    // A thread that ended has no id any more.
    if (thread.threadId === -1) return
    const patience = setTimeout(() => {
      this.#giveUp(thread)
      resolve()
    }, PATIENCE_MS)
    const again = AGAIN_AFTER_MS.map((ms) => setTimeout(() => void thread.terminate(), ms).unref())
    thread.once('exit', () => {
      clearTimeout(patience)
      for (const timer of again) clearTimeout(timer)
      this.#lost.delete(thread)
      resolve()
    })
    await over
  }

  #giveUp(thread: Worker): void {
    this.#lost.add(thread)
    // It should not keep the host from ending by itself, as far as that is in our hands.
    thread.unref()
    for (const listener of this.#listeners) listener(thread.threadId)
  }
}
