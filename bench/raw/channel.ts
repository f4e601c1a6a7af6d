/** A raw mechanism, set up by hand, that answers a text with a text. */
export interface RawChannel extends AsyncDisposable {
  /** As the table names it. */
  readonly mechanism: string
  call(text: string): string | Promise<string>
}

/** Hands answers that come in order to those who asked, in the order they asked. */
export class InOrder {
  readonly #waiting: ((text: string) => void)[] = []
  #head = 0

  /** Waits for the next answer nobody waits for yet. */
  next(): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** Hands over an answer. */
  answer(text: string): void {
    this.#waiting[this.#head]?.(text)
    this.#head += 1
    if (this.#head < 1024) return
    this.#waiting.splice(0, this.#head)
    this.#head = 0
  }
}
