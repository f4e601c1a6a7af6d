import { createHash } from 'node:crypto'
import type { GuestError } from '../core/types.ts'
import { codeFrame } from './code-frame.ts'
import type { ProgramKind } from './kind.ts'
import { type Location, locator, type Placement } from './locate.ts'
import type { Prepared, Program } from './prepare.ts'
import type { CheckedOptions } from './prepare-options.ts'

/** A prepared program as plain data: what is left of it once it has crossed a pipe. */
export interface ProgramData {
  readonly hash: string
  readonly script: string
  readonly filename: string
  readonly kind: ProgramKind
  readonly moduleNames: readonly string[]
  readonly placements: readonly Placement[]
}

/** `Prepared` as plain data. */
export type PreparedData =
  | { readonly kind: 'ready'; readonly program: ProgramData }
  | { readonly kind: 'invalid'; readonly error: GuestError }
  | { readonly kind: 'refused'; readonly specifier: string; readonly reason: string }

/** What a program is known by. */
export const hashOf = (script: string): string => createHash('sha256').update(script).digest('hex')

/** Gives a prepared program the way back to the texts it was made of. */
export const preparedOf = (data: PreparedData, source: string, options: CheckedOptions): Prepared =>
  data.kind === 'ready' ? { kind: 'ready', program: programOf(data.program, source, options) } : data

const programOf = (data: ProgramData, source: string, { filename, modules }: CheckedOptions): Program => {
  const { placements, ...rest } = data
  const texts = new Map([[filename, source], ...modules])
  const frame = ({ file, line, column }: Location): string | undefined => {
    const text = texts.get(file)
    return text === undefined ? undefined : codeFrame(text, line, column)
  }
  return { ...rest, locate: locator(placements, data.script), frame }
}
