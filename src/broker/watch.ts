import type { Limits } from '../core/types.ts'
import type { MemoryEvent } from './events.ts'
import type { LiveExecution } from './live-execution.ts'
import { crashed } from './receipt.ts'
import type { Seat } from './seats.ts'
import type { Ticker, Ticking } from './ticker.ts'

/** The share of its memory limit from which a guest is reported. */
const MEMORY_WARNING = 0.8

/** A tier that bounds its turns itself is given this long to say so, with the guest's last words. */
const GRACE_MS = 2

/** A guest that takes longer is slow to those who wait behind it. */
const SLOW_MS = 10

/** What a watch needs of the broker. */
export interface WatchPost {
  readonly ticker: Ticker
  onMemory(event: MemoryEvent): void
}

/**
 * Watches one guest while it runs: the wall clock by a timer of its own, CPU time and memory by the shared ticker. Tells
 * the race what it sees and ends nothing itself.
 */
export class Watch implements Ticking {
  readonly #live: LiveExecution
  readonly #seat: Seat
  readonly #limits: Limits
  readonly #post: WatchPost
  #warned = false
  #timer: NodeJS.Timeout | undefined

  constructor(live: LiveExecution, seat: Seat, limits: Limits, post: WatchPost) {
    this.#live = live
    this.#seat = seat
    this.#limits = limits
    this.#post = post
    this.#timer = setTimeout(() => this.#onWallTime(), limits.wallMs + GRACE_MS)
    post.ticker.add(this)
  }

  /** Takes a sample and compares it with the limits. */
  tick(): void {
    try {
      if (this.#live.elapsedMs() > SLOW_MS) this.#seat.onSlow?.()
      const { cpuMs, memoryBytes } = this.#live.meter.read(this.#seat.sandbox)
      if (memoryBytes !== undefined) this.#onMemory(memoryBytes)
      if (memoryBytes !== undefined && memoryBytes > this.#limits.memoryBytes) {
        this.#live.race.settle({ kind: 'exceeded', limit: 'memoryBytes' })
      } else if (cpuMs !== undefined && cpuMs > this.#limits.cpuMs) {
        this.#live.race.settle({ kind: 'exceeded', limit: 'cpuMs' })
      }
    } catch (error) {
      this.#live.race.settle(crashed('Cannot measure the guest', error))
    }
  }

  /** Stops watching. A peak between two samples is still reported. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#post.ticker.delete(this)
    const { peakMemoryBytes } = this.#live.meter
    if (peakMemoryBytes !== undefined) this.#onMemory(peakMemoryBytes)
  }

  /** Timers round to whole milliseconds and may fire a little early; the deadline itself is exact. */
  #onWallTime(): void {
    const leftMs = this.#limits.wallMs + GRACE_MS - this.#live.elapsedMs()
    if (leftMs > 0) this.#timer = setTimeout(() => this.#onWallTime(), Math.ceil(leftMs))
    else this.#live.race.settle({ kind: 'exceeded', limit: 'wallMs' })
  }

  #onMemory(memoryBytes: number): void {
    const limitBytes = this.#limits.memoryBytes
    if (this.#warned || memoryBytes < limitBytes * MEMORY_WARNING) return
    this.#warned = true
    const { id, subject } = this.#live
    this.#post.onMemory({ id, ...subject, memoryBytes, limitBytes })
  }
}
