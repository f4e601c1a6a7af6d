import type { Worker } from 'node:worker_threads'
import type { Relay } from '../relay.ts'

/** How often a running thread is measured from outside, where a guest that never yields cannot hide. */
const SAMPLE_EVERY_MS = 10
const MICROSECONDS_PER_MS = 1000

/** Measures the thread while its sandbox has a call under way, until the relay is done with it. */
export const watchThread = (thread: Worker, relay: Relay): void => {
  const origin = reading(thread)
  let before = origin
  let call: number | undefined
  const timer = setInterval(() => {
    if (relay.cause !== undefined || relay.size === 0) {
      clearInterval(timer)
      return
    }
    // Between two looks one call may have followed another: what the thread had used by then is not this call's.
    const isAnother = relay.busy === 0 || (call !== undefined && call !== relay.calls)
    if (isAnother) before = reading(thread)
    call = relay.busy === 0 ? undefined : relay.calls
    if (call !== undefined) void sample(thread, relay, origin, before)
  }, SAMPLE_EVERY_MS)
  timer.unref()
}

interface Reading {
  readonly cpuMs: number
  readonly heldBytes: number
}

/** Rejects when the thread is gone, which its relay hears of by itself. */
const reading = async (thread: Worker): Promise<Reading | undefined> => {
  try {
    const [heap, cpu] = await Promise.all([thread.getHeapStatistics(), thread.cpuUsage()])
    return {
      cpuMs: (cpu.user + cpu.system) / MICROSECONDS_PER_MS,
      heldBytes: heap.used_heap_size + heap.external_memory,
    }
  } catch {
    // The thread ended between two samples.
    return undefined
  }
}

const sample = async (
  thread: Worker,
  relay: Relay,
  origin: Promise<Reading | undefined>,
  start: Promise<Reading | undefined>,
): Promise<void> => {
  const [now, first, before] = await Promise.all([reading(thread), origin, start])
  if (now === undefined || first === undefined || before === undefined) return
  relay.measure({ cpuMs: now.cpuMs - before.cpuMs, memoryBytes: Math.max(0, now.heldBytes - first.heldBytes) })
}
