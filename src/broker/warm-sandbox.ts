import type { Turn } from './admission.ts'
import type { Opened } from './open-sandbox.ts'
import type { PoolOptions } from './options.ts'

/** One sandbox of a pool and what the pool remembers of it. */
export class WarmSandbox implements AsyncDisposable {
  readonly opened: Opened
  readonly openedAt: number = performance.now()
  /** Since when nobody uses it. */
  idleSince: number = this.openedAt
  /** How many calls have a place in it: one under way, and others that wait behind it. */
  load = 0
  /** What the call under way was admitted with; those behind it use it after. */
  turn: Turn | undefined
  /** Whether it is to be given up once nobody has a place in it. */
  isSpent = false
  #calls = 0
  #firstMemoryBytes: number | undefined
  #lastMemoryBytes: number | undefined

  constructor(opened: Opened) {
    this.opened = opened
  }

  /** How much of a wait that began at `since` went into opening it; nothing when it was open before or has served. */
  startMsFor(since: number): number {
    if (this.#calls > 0 || this.openedAt < since) return 0
    return Math.min(this.opened.openMs, this.openedAt - since)
  }

  /** Remembers one more call, and what its sandbox held at its end. */
  countCall(memoryBytes: number | undefined = this.#memoryBytes()): void {
    this.#calls += 1
    this.#firstMemoryBytes ??= memoryBytes
    this.#lastMemoryBytes = memoryBytes ?? this.#lastMemoryBytes
  }

  /** How many more calls may take a place behind the one under way. */
  room(options: PoolOptions): number {
    if (this.turn === undefined || this.isSpent || this.isWorn(options)) return 0
    const { ahead = 0 } = this.opened.sandbox
    return Math.min(1 + ahead, options.recycleCalls - this.#calls) - this.load
  }

  /** Whether it has served its time: that many calls, or memory that only grows. */
  isWorn({ recycleCalls, recycleGrowthBytes }: PoolOptions): boolean {
    if (this.#calls >= recycleCalls) return true
    if (this.#lastMemoryBytes === undefined || this.#firstMemoryBytes === undefined) return false
    return this.#lastMemoryBytes - this.#firstMemoryBytes > recycleGrowthBytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened.sandbox[Symbol.asyncDispose]()
  }

  #memoryBytes(): number | undefined {
    try {
      return this.opened.sandbox.usage().memoryBytes
    } catch {
      // A tier that fails at this is noticed by the watch of the next call.
      return undefined
    }
  }
}
