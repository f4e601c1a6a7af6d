import { globSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { edits, spoil } from './edits.ts'

const PATTERNS = [
  'node_modules/typescript/lib/lib.es20*.d.ts',
  'node_modules/zod/v4/core/*.js',
  'node_modules/zod/v4/core/*.cjs',
  'node_modules/commander/lib/*.js',
  'node_modules/fast-check/lib/check/**/*.js',
  'node_modules/magic-string/dist/*.js',
  'node_modules/vitest/dist/*.js',
  'node_modules/pino/lib/*.js',
  'src/guest/*.js',
  'src/program/*.ts',
  'src/broker/*.ts',
  'test/fixtures/guests/*.js',
]
const MAX_FILE = 60_000
const WINDOW = 40

/** Words, numbers, strings, comments, line ends and marks: cut as a reader would cut them, never lost. */
const TOKENS =
  /\r\n|[\n\r\u2028\u2029]|[ \t]+|\/\/[^\n]*|\/\*[^]*?\*\/|"[^"\n]*"|'[^'\n]*'|`[^`]*`|[\w$]+|=>|\.\.\.|[^]/gu

/** Pieces of the kind that parsers disagree about. */
const FOREIGN = [
  '\n',
  '\r',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\u00a0',
  '\u200c',
  '\ud800',
  '\0',
  '<!--',
  '-->',
  '#!',
  '/*',
  '*/',
  '//',
  '`',
  '${',
  '}',
  '{',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '=>',
  '?.',
  '??=',
  '**',
  '/',
  '/x/v',
  '@',
  '#a',
  '...',
  'import',
  'import(',
  'import.meta',
  'import.defer(x)',
  'export',
  'await',
  'yield',
  'async',
  'of',
  'let',
  'using',
  'static',
  'get',
  'set',
  'new.target',
  'super',
  'enum',
  'type',
  'as',
  'satisfies',
  'declare',
  'accessor',
  'with',
  "'use strict'",
  'arguments',
  'eval',
  'input',
  'exports',
  'return',
  'break',
  'continue',
  'a:',
  '\\u0061',
  '08',
  '1n',
]

let files: readonly string[] | undefined

const texts = (): readonly string[] => {
  files ??= PATTERNS.flatMap((pattern) => globSync(pattern, { cwd: new URL('../..', import.meta.url) }))
    .toSorted()
    .map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
    .filter((text) => text.length <= MAX_FILE)
  return files
}

const statementsOf = (text: string): readonly string[] => text.split(/(?<=\n)(?=\S)/)

const place = fc.nat({ max: 2 ** 31 - 1 })

/** A few statements of a real program, and the tokens of another to spoil it with. */
const excerpt = fc.tuple(place, place, fc.integer({ min: 1, max: WINDOW })).map(([which, at, length]) => {
  const all = texts()
  const statements = statementsOf(all[which % all.length] ?? '')
  const start = at % Math.max(1, statements.length)
  return statements.slice(start, start + length).join('')
})

/** Real programs and parts of them, as they stand in the packages beside us. */
export const realTexts: fc.Arbitrary<string> = excerpt

/** Real programs after a few tokens were lost, doubled, swapped, moved or put in. */
export const spoiledTexts: fc.Arbitrary<string> = fc.tuple(excerpt, excerpt, edits, fc.boolean()).map((parts) => {
  const [text, other, by, exotic] = parts
  const foreign = exotic ? FOREIGN : (other.match(TOKENS) ?? FOREIGN)
  return spoil(text.match(TOKENS) ?? [], by, foreign).join('')
})

/** Texts of nothing but the pieces that parsers disagree about. */
export const oddTexts: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...FOREIGN), fc.constantFrom('a', 'b', '1', '=', '"s"', '\n', ' ')), {
    maxLength: 14,
  })
  .map((pieces) => pieces.join(' '))
