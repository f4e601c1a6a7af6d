import { totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { type CgroupMemory, cgroupReader } from './cgroup.ts'

const RESOLUTION_MS = 20
const NS_PER_MS = 1e6

/** What memory the host itself has and may have. */
export interface HostMemory {
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
  readonly residentBytes: number
  readonly machineBytes: number
  /** Of the host with all its children and whoever else is in its cgroup. Absent where there is no limit. */
  readonly cgroup?: CgroupMemory
}

/** How the host itself is doing. */
export interface HostPressure extends HostMemory {
  /** How late the event loop was since the last reading: the mean, and the worst. Absent when nothing was measured yet. */
  readonly eventLoopDelay?: { readonly meanMs: number; readonly p99Ms: number; readonly maxMs: number }
}

/** Measures the host's own pressure. Owns a timer that never keeps the process alive. */
export class PressureGauge implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #readMemory: () => HostMemory

  constructor(readMemory: () => HostMemory) {
    this.#readMemory = readMemory
    this.#delay.enable()
  }

  /** Takes a reading, and starts measuring the event loop's delay anew. */
  read(): HostPressure {
    const delay = this.#delay
    const eventLoopDelay =
      delay.count === 0
        ? undefined
        : { meanMs: latenessMs(delay.mean), p99Ms: latenessMs(delay.percentile(99)), maxMs: latenessMs(delay.max) }
    delay.reset()
    return {
      ...this.#readMemory(),
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

/** Finds out where the host's memory is to be read, and answers what reads it. */
export function memoryReader(): () => HostMemory {
  const readCgroup = cgroupReader()
  const machineBytes = totalmem()
  let residentBytes = process.memoryUsage.rss()
  return () => {
    const { used_heap_size: heapUsedBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics()
    const cgroup = readCgroup()
    try {
      residentBytes = process.memoryUsage.rss()
    } catch {
      // EMFILE: Node reads it from a file. A host that is out of descriptors goes by what it knew.
    }
    return { heapUsedBytes, heapLimitBytes, residentBytes, machineBytes, ...(cgroup !== undefined && { cgroup }) }
  }
}
