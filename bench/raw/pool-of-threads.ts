import { Piscina } from 'piscina'
import type { RawChannel } from './channel.ts'

/** Which function of the thread's module is called. */
export type ThreadTask = 'echo' | 'json'

/** A piscina pool as its own documentation makes one. `perThread` tasks are sent to a thread before one is back. */
export function startPool(task: ThreadTask, perThread = 1): RawChannel {
  const pool = new Piscina<string, string>({
    filename: import.meta.resolve('../far/pool-task.js'),
    name: task,
    minThreads: 2,
    maxThreads: 2,
    concurrentTasksPerWorker: perThread,
  })
  return {
    mechanism: perThread === 1 ? 'piscina.run' : `piscina.run, ${perThread} per thread`,
    call: (text) => pool.run(text),
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}
