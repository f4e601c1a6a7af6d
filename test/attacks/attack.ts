import type { Outcome, RunOptions } from '../../src/index.ts'

/** One attempt at the wall around a guest. */
export interface Attack {
  readonly title: string
  /** Where it was published: an advisory, or a project and the number of its issue. */
  readonly source: string
  /** Why it once worked there. */
  readonly why: string
  /** What the guest does, in the words of the prelude; how it is put into a program is told by `as`. */
  readonly code: string
  /** The body of a strict asynchronous function (when not given) or of a sloppy one, or the whole program. */
  readonly as?: 'sloppy' | 'program'
  readonly options?: RunOptions
  /** How it may end: `returned` when not given. */
  readonly ends?: readonly Outcome['kind'][]
}

/** Attacks of one kind. */
export interface Family {
  readonly name: string
  readonly attacks: readonly Attack[]
}

type Row = readonly [
  title: string,
  source: string,
  why: string,
  code: string,
  more?: Pick<Attack, 'as' | 'options' | 'ends'>,
]

/** Writes a family as a table. */
export const family = (name: string, rows: readonly Row[]): Family => ({
  name,
  attacks: rows.map(([title, source, why, code, more]) => ({ title, source, why, code, ...more })),
})
