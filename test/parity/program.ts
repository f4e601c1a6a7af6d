/** A small program and what is to be seen of it, the same in every tier. */
export interface ParityProgram {
  readonly topic: string
  readonly title: string
  readonly source: string
  /** The further modules that it may import. */
  readonly modules: Readonly<Record<string, string>>
  /** What it is called; its ending says which language it is in. */
  readonly filename: string
  /** Whether a second call in the same sandbox is seen to do the same; not where state at the top level counts. */
  readonly again: boolean
  /** The outcome and then the logs, as `observe` writes them. */
  readonly expected: string
}
