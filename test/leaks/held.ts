import { readdirSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What this process holds of the system. */
export interface Held {
  readonly threads: number
  readonly children: readonly number[]
  readonly descriptors: number
  readonly handles: readonly string[]
  readonly heapBytes: number
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Looks at this process, after its garbage is collected. */
export function held(): Held {
  collect()
  collect()
  return {
    threads: threadsOf('/proc/self/task'),
    children: childrenOf(process.pid),
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate'),
    heapBytes: process.memoryUsage().heapUsed,
  }
}

/** Without those of Node's own pool for files, which it starts with the first of them and keeps. */
function threadsOf(folder: string): number {
  return readdirSync(folder).filter((thread) => {
    try {
      return readFileSync(`${folder}/${thread}/comm`, 'latin1') !== 'libuv-worker\n'
    } catch {
      // It ended meanwhile.
      return false
    }
  }).length
}

/** A heap is never back to the byte; a leak of 10 KB a run would be 10 MiB after a thousand. */
const HEAP_SLACK_BYTES = 10 * 2 ** 20

/** Sentences about what a process holds more of than it may after many runs; none when all came back. */
export function grownFrom(before: Held, after: Held): readonly string[] {
  const checks: readonly (readonly [what: string, was: number, is: number, slack: number])[] = [
    ['children', before.children.length, after.children.length, 1],
    ['threads', before.threads, after.threads, 2],
    ['descriptors', before.descriptors, after.descriptors, 16],
    ['handles', before.handles.length, after.handles.length, 4],
    ['bytes of heap', before.heapBytes, after.heapBytes, HEAP_SLACK_BYTES],
  ]
  return checks.flatMap(([what, was, is, slack]) => (is > was + slack ? [`${is} ${what}, ${was} before`] : []))
}

/** The processes a process has started and that live, from every one of its threads. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    // The process or one of its threads ended meanwhile.
    return []
  }
}

/** Whether a process still runs. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    // It has no entry any more.
    return false
  }
}

/** Waits until something holds, and answers whether it did in time. */
export async function eventually(holds: () => boolean, patienceMs: number): Promise<boolean> {
  const until = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return true
}
