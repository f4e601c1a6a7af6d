import type { ProgramText } from '../core/sandbox.ts'
import { WEB_NAMES } from './names.ts'

/** What a program may touch of the web platform: some names, or all when it may reach the global object itself. */
export type WebNeeds = readonly string[] | 'all'

const NAMES = new RegExp(`\\b(?:${[...WEB_NAMES.keys()].join('|')}|structuredClone|fetch)\\b`, 'g')
/** What is the global object, or makes code from strings, which may name anything. A constructor may be a function's. */
const GLOBAL = /\b(?:globalThis|self|eval|Function)\b|\.constructor\b|\bconstructor\b(?!\()/
/** Where code is not strict, `this` of a plain function is the global object. */
const SLOPPY_TEXT = /kind: "(?:commonjs|script)"/
const THIS = /\bthis\b/
/** Names may be written with escapes, which nothing here reads. */
const ESCAPED_NAME = /\\u/

const remembered = new WeakMap<ProgramText, WebNeeds>()

/**
 * What a program's text names, in code or in strings: at least what it can touch. What it neither names nor can look up
 * needs not be there at all, and no program can tell. Its `fetch` is there only where it was granted.
 */
export const webNeeds = (program: ProgramText, mayFetch = false): WebNeeds => {
  const known = remembered.get(program) ?? needsOf(program.script)
  remembered.set(program, known)
  return known === 'all' || mayFetch ? known : known.filter((name) => name !== 'fetch')
}

const needsOf = (script: string): WebNeeds => {
  if (GLOBAL.test(script) || ESCAPED_NAME.test(script)) return 'all'
  if (SLOPPY_TEXT.test(script) && THIS.test(script)) return 'all'
  return [...new Set(script.match(NAMES))]
}
