import { createHash } from 'node:crypto'
import type { ProgramText } from '../core/sandbox.ts'
import type { GuestError } from '../core/types.ts'
import { assemble } from './assemble.ts'
import { recall, remember } from './cache.ts'
import { type EngineComplaint, engineComplaint, importsLeft } from './import-guard.ts'
import { detectKind, type ProgramKind } from './kind.ts'
import { type Locate, type Location, locator } from './locate.ts'
import { unparseable } from './plain-text.ts'
import { type CheckedOptions, checkOptions } from './prepare-options.ts'
import { type PreparedModule, prepareModule } from './prepared-module.ts'
import { type PreparedData, preparedOf } from './program-data.ts'
import { resolveModule } from './resolve.ts'
import { syntaxErrorAt } from './syntax.ts'

export type { ProgramKind } from './kind.ts'

/** What may be said of a program before it is prepared. */
export interface PrepareOptions {
  /** What errors call the program; `program.ts` when not given. Its ending tells TypeScript from JavaScript. */
  readonly filename?: string
  /** Source texts that the program may import, by name. A name ending in `.json` is data. */
  readonly modules?: Readonly<Record<string, string>>
  /** Names of modules made of host functions. */
  readonly hostModules?: readonly string[]
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

type Refused = Extract<Prepared, { readonly kind: 'refused' }>

/**
 * Turns TypeScript, ES modules, CommonJS or a plain script into one script that every tier runs. Remembered by content.
 * Never throws for what the source says; throws `TypeError` or `RangeError` for wrong options.
 */
export function prepare(source: string, options: PrepareOptions = {}): Prepared {
  const checked = checkOptions(source, options)
  const known = recall(source, checked)
  if (known !== undefined) return known
  const prepared = preparedOf(prepareData(source, checked), source, checked)
  remember(source, checked, prepared)
  return prepared
}

/** Prepares a text anew. What it answers is plain data, so that it can be done in another process. */
export const prepareData = (source: string, options: CheckedOptions): PreparedData => {
  const { filename, modules: texts } = options
  const sources = [[filename, source] as const, ...texts]
  for (const [name, text] of sources) {
    const error = unparseable(name, text)
    if (error !== undefined) return { kind: 'invalid', error }
  }
  const kind = options.kind ?? detectKind(filename, source)
  const modules: PreparedModule[] = []
  for (const [name, text] of sources) {
    const result = prepareModule(name, text, name === filename ? kind : importedKind(name, text))
    if (result.kind === 'invalid') return result
    modules.push(result.module)
  }
  const linked = link(modules, options.hostModules)
  return 'kind' in linked ? linked : finish(filename, kind, modules, linked.dependencies)
}

type Dependencies = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Finds what every import means. A dynamic one that means nothing is left to fail when it runs. */
const link = (
  modules: readonly PreparedModule[],
  hostModules: readonly string[],
): { readonly dependencies: Dependencies } | Refused => {
  const reachable = { modules: new Set(modules.map(({ name }) => name)), hostModules: new Set(hostModules) }
  const dependencies = new Map<string, Map<string, string>>()
  for (const { name, imports, dynamicImports } of modules) {
    const resolved = new Map<string, string>()
    dependencies.set(name, resolved)
    for (const specifier of [...imports, ...dynamicImports]) {
      const target = resolveModule(specifier, name, reachable)
      if (target !== undefined) resolved.set(specifier, target)
      else if (imports.includes(specifier)) return missing(specifier, name, [...reachable.modules, ...hostModules])
    }
  }
  return { dependencies }
}

const finish = (
  filename: string,
  kind: ProgramKind,
  modules: readonly PreparedModule[],
  dependencies: Dependencies,
): PreparedData => {
  const { script, placements } = assemble(filename, modules, dependencies)
  const locate = locator(placements)
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
  return syntaxErrorAt(location, source, message)
}

/** An imported text without module syntax is a module that exports nothing, never a script. */
const importedKind = (name: string, text: string): ProgramKind | 'json' => {
  if (name.endsWith('.json')) return 'json'
  const kind = detectKind(name, text)
  return kind === 'script' ? 'module' : kind
}

const missing = (specifier: string, importer: string, known: readonly string[]): Refused => {
  const names = known.filter((name) => name !== importer).map((name) => `"${name}"`)
  const given = names.length === 0 ? 'no modules were given' : `only ${names.join(', ')} can be imported`
  return { kind: 'refused', specifier, reason: `it is not among the modules of "${importer}": ${given}` }
}

const hashOf = (script: string): string => createHash('sha256').update(script).digest('hex')
