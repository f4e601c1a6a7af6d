import type { Round } from '../../test/fuzz/target.ts'

/** What a fuzzing process is to do. */
export interface Errand {
  /** The module that exports `TARGETS`. */
  readonly targets: string
  readonly target: string
  readonly seed: number
  readonly check?: number | undefined
  readonly path?: string | undefined
}

/** Where in the work something happened, which leads back to it. */
export interface Place {
  readonly seed: number
  readonly check: number
  readonly path: string
}

/** What a fuzzing process tells, one line of JSON each, written before it goes on. */
export type News =
  | { readonly kind: 'began'; readonly at: Place; readonly value: string }
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'shrunk'; readonly at: Place; readonly title: string; readonly failure: Round['failure'] }
  | { readonly kind: 'closing' }
  | { readonly kind: 'done'; readonly exempted: Readonly<Record<string, number>> }
