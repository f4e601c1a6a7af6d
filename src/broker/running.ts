import type { Execution, LogEntry, TierId, Usage } from '../core/types.ts'
import type { Running } from './broker.ts'
import type { LiveExecution } from './live-execution.ts'
import { expectText } from './shape.ts'

/** The caller's handle of an execution. */
export class RunningExecution implements Running {
  readonly #live: LiveExecution

  constructor(live: LiveExecution) {
    this.#live = live
  }

  get id(): string {
    return this.#live.id
  }

  get tier(): TierId | undefined {
    return this.#live.subject.tier
  }

  get result(): Promise<Execution> {
    return this.#live.result
  }

  get logs(): AsyncIterable<LogEntry> {
    return { [Symbol.asyncIterator]: () => this.#live.readLogs() }
  }

  usage(): Usage {
    return this.#live.usage()
  }

  async kill(reason: string): Promise<void> {
    this.#live.end('handle', expectText(reason, 'the reason', 'Cannot kill execution'))
    await this.#live.result
  }
}
