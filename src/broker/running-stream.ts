import type { Data, Execution } from '../core/types.ts'
import type { RunningStream } from './broker.ts'
import type { Chunks } from './chunks.ts'
import type { LiveExecution } from './live-execution.ts'
import { RunningExecution } from './running.ts'

/** The caller's handle of an execution that gives its result chunk by chunk. */
export class StreamingExecution extends RunningExecution implements RunningStream {
  readonly #chunks: Chunks

  constructor(live: LiveExecution, chunks: Chunks) {
    super(live)
    this.#chunks = chunks
    void live.result.then(() => chunks.close())
  }

  async next(): Promise<IteratorResult<Data, Execution>> {
    const chunk = await this.#chunks.take()
    return chunk === undefined ? { done: true, value: await this.result } : { done: false, value: chunk.value }
  }

  async return(): Promise<IteratorResult<Data, Execution>> {
    this.#chunks.stop()
    return { done: true, value: await this.result }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}
