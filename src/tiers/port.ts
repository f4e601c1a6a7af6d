/** A two-way channel that carries a small head and one text beside it. Heads are data until parsed. */
export interface Port<Out> {
  post(head: Out, text?: string): void
  /** Called once, before anything can arrive. `onClose` is told why, at most once. */
  listen(onMessage: (head: unknown, text: string) => void, onClose: (cause: string) => void): void
  close(): void
  /** Sends what was posted at once, for ports that gather messages until the current job is done. */
  flush?(): void
  /** Raises the size of message that may arrive, for ports that have a ceiling. */
  allow?(bytes: number): void
}
