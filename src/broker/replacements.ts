import type { Replacement } from './replacement.ts'

/** The replacements of one program or session: one after the other, until it ends. */
export class Replacements {
  readonly #ended = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  /** One more, behind those there are. It is to give up when it is aborted: by its caller, or by the end. */
  add(replace: (signal: AbortSignal) => Promise<Replacement>, signal: AbortSignal | undefined): Promise<Replacement> {
    const either = signal === undefined ? this.#ended.signal : AbortSignal.any([this.#ended.signal, signal])
    const replacement = this.#last.then(() => replace(either))
    this.#last = replacement.catch(() => {})
    return replacement
  }

  /** Gives up those there are. Resolves when nothing of them is left. */
  async end(reason: string): Promise<void> {
    this.#ended.abort(new Error(reason))
    await this.#last
  }
}
