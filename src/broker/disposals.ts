import type { Logger } from './options.ts'

/** Owns what is already given up and still being disposed of. Nobody waits for it but the closing of the broker. */
export class Disposals {
  readonly #pending = new Set<Promise<void>>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Disposes of something in the background. The answer resolves when that is done, and never rejects. */
  add(disposable: AsyncDisposable): Promise<void> {
    const disposal = this.#dispose(disposable).finally(() => this.#pending.delete(disposal))
    this.#pending.add(disposal)
    return disposal
  }

  /** Resolves when nothing is left to be disposed of. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  async #dispose(disposable: AsyncDisposable): Promise<void> {
    try {
      await disposable[Symbol.asyncDispose]()
    } catch (err) {
      this.#logger.error({ err }, 'Cannot dispose of a sandbox')
    }
  }
}
