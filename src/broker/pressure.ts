import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const RESOLUTION_MS = 20
const NS_PER_MS = 1e6

/** How the host itself is doing. */
export interface HostPressure {
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
  readonly residentBytes: number
  /** How late the event loop was since the last reading: the mean, and the worst. Absent when nothing was measured yet. */
  readonly eventLoopDelay?: { readonly meanMs: number; readonly p99Ms: number; readonly maxMs: number }
}

/** Measures the host's own pressure. Owns a timer that never keeps the process alive. */
export class PressureGauge implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  constructor() {
    this.#delay.enable()
  }

  /** Takes a reading, and starts measuring the event loop's delay anew. */
  read(): HostPressure {
    const { used_heap_size: heapUsedBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics()
    const delay = this.#delay
    const eventLoopDelay =
      delay.count === 0
        ? undefined
        : { meanMs: latenessMs(delay.mean), p99Ms: latenessMs(delay.percentile(99)), maxMs: latenessMs(delay.max) }
    delay.reset()
    return {
      heapUsedBytes,
      heapLimitBytes,
      residentBytes: process.memoryUsage.rss(),
      ...(eventLoopDelay !== undefined && { eventLoopDelay }),
    }
  }

  [Symbol.dispose](): void {
    this.#delay.disable()
  }
}

/** Node records the time between two beats of its timer, not how late the second was. */
function latenessMs(intervalNs: number): number {
  return Math.max(0, intervalNs / NS_PER_MS - RESOLUTION_MS)
}
