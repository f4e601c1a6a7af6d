import { moduleRunnerTransformSync, type SourceMap, transformSync } from 'oxc-transform'
import type { GuestError } from '../core/types.ts'
import { instrument } from './instrument.ts'
import type { ProgramKind } from './kind.ts'
import { firstError, parse, parserName } from './syntax.ts'

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

/** Prepares one text. Types go first; then a module's `import` and `export` become calls of the loader. */
export const prepareModule = (name: string, source: string, kind: ProgramKind | 'json'): ModuleResult => {
  if (kind === 'json') return jsonModule(name, source)
  // A hashbang is only allowed at the very start of a file, where the code will not be.
  const text = source.startsWith('#!') ? `//${source.slice(2)}` : source
  const sourceType = kind === 'module' ? 'module' : 'script'
  const problem = firstError(name, source, parse(name, text, sourceType).errors)
  if (problem !== undefined) return { kind: 'invalid', error: problem }
  const stripped = transformSync(parserName(name), text, { sourceType, sourcemap: true })
  const failure = firstError(name, source, stripped.errors)
  if (failure !== undefined) return { kind: 'invalid', error: failure }
  const strippedMaps = stripped.map === undefined ? [] : [stripped.map]
  const base = { name, kind, source }
  if (kind === 'module') {
    // oxlint-disable-next-line typescript/no-deprecated -- made for Vite's module runner, whose calling convention is our loader's
    const { code, map, deps, dynamicDeps } = moduleRunnerTransformSync('guest.js', stripped.code, { sourcemap: true })
    const maps = map === undefined ? strippedMaps : [map, ...strippedMaps]
    return {
      kind: 'module',
      module: { ...base, code, strict: true, maps, imports: deps, dynamicImports: dynamicDeps },
    }
  }
  const { map, ...instrumented } = instrument(stripped.code, kind)
  return { kind: 'module', module: { ...base, ...instrumented, maps: [map, ...strippedMaps] } }
}

const jsonModule = (name: string, source: string): ModuleResult => {
  try {
    JSON.parse(source)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'invalid', error: { name: 'SyntaxError', message: `${name}: ${message}` } }
  }
  const module = {
    name,
    kind: 'json',
    source,
    code: '',
    strict: false,
    maps: [],
    imports: [],
    dynamicImports: [],
  } as const
  return { kind: 'module', module }
}
