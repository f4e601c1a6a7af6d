import { type Program as Ast, parseSync } from 'oxc-parser'
import type { GuestError } from '../core/types.ts'
import { codeFrame } from './code-frame.ts'

/** How a text is read: as an ES module, or as a classic script. */
export type SourceType = 'module' | 'script'

/** What a parser says is wrong, as far as it is used. */
export interface Complaint {
  readonly message: string
  readonly labels: readonly { readonly start: number }[]
}

/** A text that parses, with its tree. */
export interface Parsed {
  readonly ast: Ast
  /** Whether it has `import`, `export`, `import.meta` or a top-level `await`. */
  readonly hasModuleSyntax: boolean
  readonly errors: readonly Complaint[]
}

/** Parses a text, early errors included. */
export const parse = (name: string, text: string, sourceType: SourceType): Parsed => {
  const { program, module, errors } = parseSync(parserName(name), text, { sourceType, showSemanticErrors: true })
  return { ast: program, hasModuleSyntax: module.hasModuleSyntax, errors }
}

/** What the parser takes a text for: TypeScript, unless its name says JavaScript. */
export const parserName = (name: string): string => {
  if (/\.[cm]?js$/.test(name)) return 'guest.js'
  if (/\.[jt]sx$/.test(name)) return 'guest.tsx'
  return 'guest.ts'
}

/** Makes the parser's complaint an error of the guest, with its place and the lines around it. */
export const syntaxError = (file: string, text: string, message: string, offset: number): GuestError => {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1) + 1
  const location = { file, line, column }
  return {
    name: 'SyntaxError',
    message,
    stack: `SyntaxError: ${message}\n    at ${file}:${line}:${column}`,
    location,
    codeFrame: codeFrame(text, line, column),
  }
}

/** The first of the parser's complaints as an error of the guest. */
export const firstError = (file: string, text: string, [error]: readonly Complaint[]): GuestError | undefined =>
  error === undefined ? undefined : syntaxError(file, text, error.message, error.labels[0]?.start ?? 0)
