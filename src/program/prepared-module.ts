import type { ParseResult } from 'oxc-parser'
import { moduleRunnerTransformSync, type SourceMap, transformSync } from 'oxc-transform'
import type { GuestError } from '../core/types.ts'
import { type Declared, instrumentFragment } from './fragment.ts'
import { instrument } from './instrument.ts'
import type { ProgramKind, Reading } from './kind.ts'
import { withoutComments } from './plain-text.ts'
import { splitImports } from './split-imports.ts'
import { firstError, parse, parserName, syntaxError } from './syntax.ts'
import { unsupported } from './unsupported.ts'

/** One module after preparation: the body of a function of the program's script. */
export interface PreparedModule {
  readonly name: string
  readonly kind: ProgramKind | 'json'
  readonly source: string
  readonly code: string
  /** Whether a `'use strict'` of its own must stay first in its function. */
  readonly strict: boolean
  /** From `code` back to `source`, applied in this order. */
  readonly maps: readonly SourceMap[]
  /** Specifiers that must resolve, and those of dynamic imports, which may fail when they run. */
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
  /** Whether it also imports what it computes, which may be anything it can reach. */
  readonly computesImports: boolean
  /** What a fragment declares at its top level. */
  readonly declares?: readonly Declared[]
}

/** A module, or why its text is no program. */
export type ModuleResult =
  | { readonly kind: 'module'; readonly module: PreparedModule }
  | { readonly kind: 'invalid'; readonly error: GuestError }

/**
 * Prepares one text. Comments and types go first; then a module's `import` and `export` become calls of the loader. What
 * goes into the script is printed from a tree, so that it has one meaning and cannot end the function around it.
 */
export const prepareModule = (name: string, source: string, reading: Reading): ModuleResult => {
  const { kind, parsed } = reading
  const plain = withoutComments(name, reading)
  if ('error' in plain) return { kind: 'invalid', error: plain.error }
  const problem = firstError(name, source, parsed.errors)
  if (problem !== undefined) return { kind: 'invalid', error: problem }
  const { text } = plain
  const lack = unsupported(parsed, text, kind)
  if (lack !== undefined) return { kind: 'invalid', error: syntaxError(name, source, lack.message, lack.offset) }
  const sourceType = kind === 'module' || reading.awaits === true ? 'module' : 'commonjs'
  const stripped = transformSync(parserName(name), text, { sourceType, sourcemap: true })
  const failure = firstError(name, source, stripped.errors, (bytes) => charactersIn(text, bytes))
  if (failure !== undefined) return { kind: 'invalid', error: failure }
  const base = { name, kind, source }
  if (kind === 'fragment') {
    const { map, ...fragment } = instrumentFragment(stripped.code, sourceType === 'module' ? 'module' : 'script')
    return { kind: 'module', module: { ...base, ...fragment, maps: mapsOf(map, stripped.map) } }
  }
  if (kind !== 'module') {
    const { map, ...instrumented } = instrument(stripped.code, kind)
    return { kind: 'module', module: { ...base, ...instrumented, maps: mapsOf(map, stripped.map) } }
  }
  const split = bindsBoth(parsed)
    ? splitImports(stripped.code, parse('guest.mjs', stripped.code, 'module').program)
    : stripped
  // oxlint-disable-next-line typescript/no-deprecated -- made for Vite's module runner, whose calling convention is our loader's
  const run = moduleRunnerTransformSync('guest.mjs', split.code, { sourcemap: true })
  const complaint = firstError(name, source, run.errors, () => 0)
  if (complaint !== undefined) return { kind: 'invalid', error: complaint }
  const { code, dynamicDeps: dynamicImports } = run
  const maps = mapsOf(run.map, split === stripped ? undefined : split.map, stripped.map)
  // TypeScript drops imports that nothing uses. They must resolve all the same: what is refused does not hang on that.
  const imports = [...new Set([...importsOf(parsed), ...run.deps])]
  const computesImports = parsed.module.dynamicImports.some(({ moduleRequest }) => !isText(text, moduleRequest))
  return { kind: 'module', module: { ...base, code, strict: true, maps, imports, dynamicImports, computesImports } }
}

/** Whether an `import a, * as b` is among the imports. */
const bindsBoth = ({ module }: ParseResult): boolean =>
  module.staticImports.some(({ entries }) => entries[1]?.importName.name === null)

/** Whether an `import()` names its module by a plain string. */
const isText = (text: string, { start, end }: { readonly start: number; readonly end: number }): boolean =>
  /^(?:'[^'\\]*'|"[^"\\]*")$/.test(text.slice(start, end))

const mapsOf = (...maps: readonly (SourceMap | undefined)[]): readonly SourceMap[] => maps.flatMap((map) => map ?? [])

/** The transform counts in bytes of UTF-8, all others in characters. */
const charactersIn = (text: string, bytes: number): number => Buffer.from(text).subarray(0, bytes).toString().length

/** What a module imports and exports from elsewhere, types excepted. */
const importsOf = ({ module }: ParseResult): readonly string[] => [
  ...module.staticImports
    .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
    .map(({ moduleRequest }) => moduleRequest.value),
  ...module.staticExports
    .flatMap(({ entries }) => entries.filter(({ isType }) => !isType))
    .flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
]
