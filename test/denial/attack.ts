import type { Limits, RunOptions } from '../../src/index.ts'

const MIB = 2 ** 20

/** What every attack may use unless it says otherwise: little, so that its end comes soon. */
export const LIMITS: Partial<Limits> = {
  wallMs: 60,
  memoryBytes: 32 * MIB,
  outputBytes: 64 * 1024,
  logBytes: 64 * 1024,
  hostCalls: 1000,
}

/**
 * How an attack ends: the limit that was reached, `threw` and the name of an error nobody caught, or what it returned. An
 * attack that is fended off inside returns the name of the error it caught.
 */
export type End =
  | 'wallMs'
  | 'cpuMs'
  | 'memoryBytes'
  | 'outputBytes'
  | 'logBytes'
  | 'hostCalls'
  | `threw ${string}`
  | `returned ${string}`

/** One program that wants more than its share. */
export interface Attack {
  readonly title: string
  readonly source: string
  /** Two where it depends on the machine which limit comes first. */
  readonly ends: End | readonly End[]
  readonly options?: RunOptions
  /** Whether it is run in every tier, always. */
  readonly everywhere?: true
}

/** An attack whose program is one function with this body. */
export const does = (title: string, body: string, ends: Attack['ends'], options: RunOptions = {}): Attack => ({
  title,
  source: `export default () => { ${body} }`,
  ends,
  options,
})

/** An attack whose program is one asynchronous function with this body. */
export const awaits = (title: string, body: string, ends: Attack['ends'], options: RunOptions = {}): Attack => ({
  title,
  source: `export default async () => { ${body} }`,
  ends,
  options,
})

/** An attack that ought to fail at once with an error inside, which it catches; it returns the error's name. */
export const isDenied = (title: string, body: string, error: string, options: RunOptions = {}): Attack => ({
  title,
  source: `export default () => { try { ${body} } catch (error) { return error.name } }`,
  ends: `returned ${error}`,
  options,
})
