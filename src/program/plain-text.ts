import type { GuestError } from '../core/types.ts'
import { depthProblem } from './depth.ts'
import type { Reading } from './kind.ts'
import { syntaxError } from './syntax.ts'

const NOT_LINE_END = /[^\n\r\u2028\u2029]/g

/**
 * Says why a text may not even be parsed, or nothing.
 *
 * ATTACK: `'('.repeat(10_000)`. The native parser recurses without counting; the thread's stack ends, and with it, by
 * SIGSEGV, the whole host. No handler runs.
 *
 * ATTACK: `<a>it's`, again and again, in JSX. Between its tags stands any text, quotes too, which hides brackets from
 * whoever splits the file into tokens without parsing it. So there is no JSX.
 */
export const unparseable = (name: string, text: string): GuestError | undefined => {
  if (/\.[jt]sx$/.test(name)) return syntaxError(name, text, 'JSX is not supported', 0)
  const problem = depthProblem(text)
  return problem === undefined ? undefined : syntaxError(name, text, problem.message, problem.offset)
}

/** A text in which nothing can be read in two ways, or why it cannot be had. */
export type PlainText = { readonly text: string } | { readonly error: GuestError }

/** Replaces a byte order mark and a hashbang by spaces, so that no position moves. */
export const withoutHead = (source: string): string => source.replace(/^\ufeff/, ' ').replace(/^#!.*/, blank)

/**
 * Replaces comments by spaces, so that no position moves. `<!--` and `-->` are refused: they start a comment in a script
 * and are operators in a module, and here a module becomes part of a script.
 */
export const withoutComments = (name: string, { text, parsed }: Reading): PlainText => {
  const parts: string[] = []
  let end = 0
  for (const { start, end: next } of parsed.comments) {
    const comment = text.slice(start, next)
    if (!/^\/[/*]/.test(comment)) {
      return { error: syntaxError(name, text, 'HTML-like comments are not supported', start) }
    }
    parts.push(text.slice(end, start), blank(comment))
    end = next
  }
  return { text: parts.join('') + text.slice(end) }
}

const blank = (text: string): string => text.replaceAll(NOT_LINE_END, ' ')
