import type { ParseResult } from 'oxc-parser'
import { moduleRunnerTransformSync, type SourceMap, transformSync } from 'oxc-transform'
import type { GuestError } from '../core/types.ts'
import { instrument } from './instrument.ts'
import { jsonModule } from './json-module.ts'
import type { ProgramKind } from './kind.ts'
import { withoutComments } from './plain-text.ts'
import { splitImports } from './split-imports.ts'
import { firstError, parse, parserName, syntaxError } from './syntax.ts'

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
}

/** A module, or why its text is no program. */
export type ModuleResult =
  | { readonly kind: 'module'; readonly module: PreparedModule }
  | { readonly kind: 'invalid'; readonly error: GuestError }

/**
 * Prepares one text. Comments and types go first; then a module's `import` and `export` become calls of the loader. What
 * goes into the script is printed from a tree, so that it has one meaning and cannot end the function around it.
 */
export const prepareModule = (name: string, source: string, kind: ProgramKind | 'json'): ModuleResult => {
  if (kind === 'json') return jsonModule(name, source)
  const plain = withoutComments(name, source, kind)
  if ('error' in plain) return { kind: 'invalid', error: plain.error }
  const parsed = parse(name, plain.text, kind)
  const problem = firstError(name, source, parsed.errors)
  if (problem !== undefined) return { kind: 'invalid', error: problem }
  const stray = kind === 'module' ? undefined : [...parsed.module.staticImports, ...parsed.module.staticExports][0]
  if (stray !== undefined) {
    const message = `Cannot use "import" and "export" in a program of kind "${kind}"`
    return { kind: 'invalid', error: syntaxError(name, source, message, stray.start) }
  }
  const sourceType = kind === 'module' ? 'module' : 'commonjs'
  const stripped = transformSync(parserName(name), plain.text, { sourceType, sourcemap: true })
  const failure = firstError(name, source, stripped.errors, (bytes) => charactersIn(plain.text, bytes))
  if (failure !== undefined) return { kind: 'invalid', error: failure }
  const base = { name, kind, source }
  if (kind !== 'module') {
    const { map, ...instrumented } = instrument(stripped.code, kind)
    return { kind: 'module', module: { ...base, ...instrumented, maps: mapsOf(map, stripped.map) } }
  }
  const split = splitImports(stripped.code, parse('guest.mjs', stripped.code, 'module').program)
  // oxlint-disable-next-line typescript/no-deprecated -- made for Vite's module runner, whose calling convention is our loader's
  const run = moduleRunnerTransformSync('guest.mjs', split.code, { sourcemap: true })
  const complaint = firstError(name, source, run.errors, () => 0)
  if (complaint !== undefined) return { kind: 'invalid', error: complaint }
  // TypeScript drops imports that nothing uses. They must resolve all the same: what is refused does not hang on that.
  const imports = [...new Set([...importsOf(parsed), ...run.deps])]
  const { code, dynamicDeps: dynamicImports } = run
  const maps = mapsOf(run.map, split.map, stripped.map)
  return { kind: 'module', module: { ...base, code, strict: true, maps, imports, dynamicImports } }
}

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
