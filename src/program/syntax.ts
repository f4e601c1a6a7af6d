import { type ParseResult, parseSync } from 'oxc-parser'
import type { GuestError } from '../core/types.ts'
import { codeFrame, positionAt } from './code-frame.ts'
import type { Location } from './locate.ts'

/** How a text is read. A `commonjs` one is a classic script that may `return`. */
export type SourceType = 'module' | 'commonjs' | 'script'

/** What a parser says is wrong, as far as it is used. */
export interface Complaint {
  readonly message: string
  readonly labels: readonly { readonly start: number }[]
}

/** Parses a text, early errors included. The tree is only built when `program` is asked for. */
export const parse = (name: string, text: string, sourceType: SourceType): ParseResult =>
  parseSync(parserName(name), text, { sourceType, showSemanticErrors: true })

/** What the parser takes a text for: TypeScript, unless its name says JavaScript. */
export const parserName = (name: string): string => (/\.[cm]?js$/.test(name) ? 'guest.js' : 'guest.ts')

/** A complaint about an offset of a text as an error of the guest. */
export const syntaxError = (file: string, text: string, message: string, offset: number): GuestError =>
  syntaxErrorAt({ file, ...positionAt(text, offset) }, text, message)

/** A complaint about a place in a text as an error of the guest, with the lines around it. */
export const syntaxErrorAt = (location: Location, text: string, message: string): GuestError => {
  const { file, line, column } = location
  return {
    name: 'SyntaxError',
    message,
    stack: `SyntaxError: ${message}\n    at ${file}:${line}:${column}`,
    location,
    codeFrame: codeFrame(text, line, column),
  }
}

/** The first of the parser's complaints as an error of the guest. */
export const firstError = (
  file: string,
  text: string,
  complaints: readonly Complaint[],
  offsetOf: (offset: number) => number = (offset) => offset,
): GuestError | undefined => {
  const [error] = complaints
  if (error === undefined) return undefined
  const message = error.message.replace(/^TS\(\d+\): /, '')
  return syntaxError(file, text, message, offsetOf(startOf(error)))
}

/** Where a complaint points to: the first of its labels is the point, except that of two declarations it is the second. */
export const startOf = ({ message, labels }: Complaint): number =>
  (message.endsWith('has already been declared') ? labels.at(-1) : labels[0])?.start ?? 0
