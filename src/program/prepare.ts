import type { ProgramText } from '../core/sandbox.ts'
import type { GuestError, Outcome } from '../core/types.ts'
import { assemble } from './assemble.ts'
import { recall, remember } from './cache.ts'
import { offsetAt } from './code-frame.ts'
import { type EngineComplaint, engineComplaint, importsLeft } from './import-guard.ts'
import { jsonModule } from './json-module.ts'
import { type ProgramKind, readImported, readText } from './kind.ts'
import { type Dependencies, link } from './link.ts'
import { type Locate, type Location, locator } from './locate.ts'
import { unparseable } from './plain-text.ts'
import { type CheckedOptions, checkOptions } from './prepare-options.ts'
import { type ModuleResult, type PreparedModule, prepareModule } from './prepared-module.ts'
import { hashOf, type PreparedData, preparedOf } from './program-data.ts'
import { syntaxErrorAt } from './syntax.ts'
import { explainComplaint } from './unsupported.ts'

export type { ProgramKind } from './kind.ts'

/** What may be said of a program before it is prepared. */
export interface PrepareOptions {
  /** What errors call the program; `program.ts` when not given. Its ending tells TypeScript from JavaScript. */
  readonly filename?: string
  /** Source texts that the program may import, by name. A name ending in `.json` is data. */
  readonly modules?: Readonly<Record<string, string>>
  /** Names of modules made of host functions. */
  readonly hostModules?: readonly string[]
  /** Whether it may import the modules of Node that need nothing but the language. */
  readonly node?: boolean
  /** Seen from the syntax when not given. */
  readonly kind?: ProgramKind
}

/** A program that every tier can run. Immutable; the same text gives the same object as long as it is remembered. */
export interface Program extends ProgramText {
  readonly filename: string
  readonly kind: ProgramKind
  readonly moduleNames: readonly string[]
  /** Maps a place in `script` to the caller's text; lines and columns count from one. */
  locate(line: number, column: number): Location | undefined
  /** Shows the lines around a place in the caller's text. */
  frame(location: Location): string | undefined
}

/** What became of a source text: a program, a syntax error, or an import that reaches nothing. */
export type Prepared =
  | { readonly kind: 'ready'; readonly program: Program }
  | { readonly kind: 'invalid'; readonly error: GuestError }
  | { readonly kind: 'refused'; readonly specifier: string; readonly reason: string }
  | Failed

/** The text was not looked at to the end, by no fault that could be seen in it: the process that was to do it is not well. */
export interface Failed {
  readonly kind: 'failed'
  readonly outcome: Extract<Outcome, { readonly kind: 'crashed' | 'refused' }>
}

/**
 * Turns TypeScript, ES modules, CommonJS or a plain script into one script that every tier runs. Remembered by content, for
 * the `owner` alone. Never throws for what the source says; throws `TypeError` or `RangeError` for wrong options.
 */
export function prepare(source: string, options: PrepareOptions = {}, owner = ''): Prepared {
  const checked = checkOptions(source, options)
  const known = recall(source, checked, owner)
  if (known !== undefined) return known
  const data = prepareData(source, checked)
  const prepared = preparedOf(data, source, checked)
  if (data !== OUT_OF_STACK) remember(source, checked, owner, prepared)
  return prepared
}

/** Prepares a text anew. What it answers is plain data, so that it can be done in another process. */
export const prepareData = (source: string, options: CheckedOptions): PreparedData => {
  try {
    return prepareAnew(source, options)
  } catch (error) {
    if (error instanceof RangeError) return OUT_OF_STACK
    if (isTooLongATree(error)) return TOO_LONG_A_TREE
    throw error
  }
}

/**
 * The parser hands its tree on as one text, which has to fit into a string of V8's: ten million empty statements do not.
 * It says so, or V8 does, whoever comes first.
 */
const isTooLongATree = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'GenericFailure' || error.code === 'ERR_STRING_TOO_LONG')

const TOO_LONG_A_TREE: PreparedData = {
  kind: 'invalid',
  error: { name: 'SyntaxError', message: 'Cannot parse program: it has more syntax in it than the parser can hand on' },
}

/** Who calls may have used most of the stack already, so that no bound on the code's depth is low enough. Not remembered. */
const OUT_OF_STACK: PreparedData = {
  kind: 'invalid',
  error: { name: 'SyntaxError', message: 'The code nests too deep for what is left of the stack' },
}

const prepareAnew = (source: string, options: CheckedOptions): PreparedData => {
  const { filename, modules: texts } = options
  const sources = [[filename, source] as const, ...texts]
  for (const [name, text] of sources) {
    const error = unparseable(name, text)
    if (error !== undefined) return { kind: 'invalid', error }
  }
  const reading = readText(filename, source, options.kind)
  const modules: PreparedModule[] = []
  for (const [name, text] of sources) {
    const result = name === filename ? prepareModule(name, text, reading) : importedModule(name, text)
    if (result.kind === 'invalid') return result
    modules.push(result.module)
  }
  const linked = link(modules, options.hostModules, options.node === true)
  return 'kind' in linked ? linked : finish(filename, reading.kind, modules, linked.dependencies)
}

const importedModule = (name: string, text: string): ModuleResult =>
  name.endsWith('.json') ? jsonModule(name, text) : prepareModule(name, text, readImported(name, text))

const finish = (
  filename: string,
  kind: ProgramKind,
  modules: readonly PreparedModule[],
  dependencies: Dependencies,
): PreparedData => {
  const { script, placements } = assemble(filename, modules, dependencies)
  const locate = locator(placements, script)
  const complaint = engineComplaint(script)
  if (complaint !== undefined) return { kind: 'invalid', error: engineError(complaint, locate, modules) }
  if (importsLeft(script)) return { kind: 'refused', specifier: 'import()', reason: 'the program hides an import' }
  const moduleNames = modules.map(({ name }) => name)
  return { kind: 'ready', program: { hash: hashOf(script), script, filename, kind, moduleNames, placements } }
}

/** V8's complaint about the script as an error of the text it comes from. */
const engineError = (
  { message, line, column }: EngineComplaint,
  locate: Locate,
  modules: readonly PreparedModule[],
): GuestError => {
  const location = locate(line, column)
  const source = modules.find(({ name }) => name === location?.file)?.source
  if (location === undefined || source === undefined) return { name: 'SyntaxError', message }
  const offset = offsetAt(source, location.line, location.column)
  return syntaxErrorAt(location, source, explainComplaint(message, source.slice(0, offset), source.slice(offset)))
}
