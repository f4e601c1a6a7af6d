/** A two-way channel that carries a small head and one text beside it. Heads are data until parsed. */
export interface Port<Out> {
  post(head: Out, text?: string): void
  /** Called once, before anything can arrive. `onClose` is told why, at most once. */
  listen(onMessage: (head: unknown, text: string) => void, onClose: (cause: string) => void): void
  close(): void
  /** Raises the size of message that may arrive, for ports that have a ceiling. */
  allow?(bytes: number): void
}
