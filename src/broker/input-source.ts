import { encode } from '../core/codec.ts'
import type { Data, Execution } from '../core/types.ts'

/** What a caller gives as input to be read by its guest item by item. It stays the caller's until the guest asks for the first. */
export class InputSource {
  readonly #iterable: AsyncIterable<Data, unknown>
  #iterator: AsyncIterator<Data, unknown> | undefined
  #state: 'open' | 'asked' | 'done' = 'open'

  constructor(iterable: AsyncIterable<Data, unknown>) {
    this.#iterable = iterable
  }

  /** Closes what was begun once the call is over, so that nothing is made for nobody. */
  endWith(result: Promise<Execution>): void {
    void result.then(() => this.#close())
  }

  /** The next item, encoded as whether there is none and what it is; nothing at once where it is not the turn of one. */
  take(): Promise<string> | undefined {
    if (this.#state !== 'open') return undefined
    this.#state = 'asked'
    return this.#next()
  }

  async #next(): Promise<string> {
    try {
      this.#iterator ??= this.#iterable[Symbol.asyncIterator]()
      const { done, value } = await this.#iterator.next()
      const text = encode(done === true ? [true] : [false, value])
      if (this.#state === 'asked' && done !== true) this.#state = 'open'
      if (done === true) this.#state = 'done'
      return text
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /** What the caller's own code throws when it is closed has nobody who asked for it. */
  #close(): void {
    const wasDone = this.#state === 'done'
    this.#state = 'done'
    if (!wasDone) void closed(this.#iterator).catch(() => undefined)
  }
}

async function closed(iterator: AsyncIterator<Data, unknown> | undefined): Promise<void> {
  await iterator?.return?.()
}

/** Tells what is to be read item by item from what is data. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<Data, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof value[Symbol.asyncIterator] === 'function'
  )
}
