import type { ParseResult } from 'oxc-parser'
import { freeUses } from './free-names.ts'
import { withoutHead } from './plain-text.ts'
import { parse, startOf } from './syntax.ts'
import { awaitsAtTop } from './top-level-await.ts'

/** How a program's text is to be understood. A `fragment` is evaluated in a realm after others, and keeps what it declares. */
export type ProgramKind = 'module' | 'commonjs' | 'script' | 'fragment'

/** What the parser made of a text, taken for one kind of program. */
export interface Reading {
  readonly kind: ProgramKind
  /** The text as it was parsed: without a byte order mark and a hashbang, in whose place spaces are. */
  readonly text: string
  readonly parsed: ParseResult
  /** Of a fragment: whether it awaits, so that it was read as a module is. */
  readonly awaits?: boolean
}

const MODULE_WORDS = /\b(?:import|export|await)\b/
/** The names that make a CommonJS module. An escape may spell one. */
const COMMONJS_WORDS = /\b(?:require|exports)\b|\\u/

/** Reads a text as the kind that is wanted, else as the kind it seems to be. */
export const readText = (name: string, source: string, wanted: ProgramKind | undefined): Reading => {
  const text = withoutHead(source)
  if (wanted === 'fragment') return readFragment(name, text)
  const kind = wanted ?? kindByEnding(name)
  return kind === undefined ? detect(name, text) : { kind, text, parsed: parse(name, text, kind) }
}

/** Reads a text that is imported: without module syntax it is a module that exports nothing, never a script. */
export const readImported = (name: string, source: string): Reading => {
  const reading = readText(name, source, undefined)
  return reading.kind === 'script' ? readText(name, source, 'module') : reading
}

/** Reads a text as a script, unless it only makes sense as one that awaits. */
const readFragment = (name: string, text: string): Reading => {
  const asScript = parse(name, text, 'script')
  const asModule = MODULE_WORDS.test(text) ? parse(name, text, 'module') : undefined
  const awaits = asModule !== undefined && (asModule.module.hasModuleSyntax || isModule(asModule, asScript))
  return { kind: 'fragment', text, parsed: awaits ? asModule : asScript, awaits }
}

const kindByEnding = (name: string): 'module' | 'commonjs' | undefined => {
  if (/\.m[jt]s$/.test(name)) return 'module'
  return /\.c[jt]s$/.test(name) ? 'commonjs' : undefined
}

/**
 * Sees from its syntax what kind of program a text is: `import`, `export`, `import.meta` and top-level `await` make a
 * module; `module.exports`, `exports.x` and `require(…)` a CommonJS module; anything else is a script. A text that
 * parses as neither is the kind whose parser came further.
 */
const detect = (name: string, text: string): Reading => {
  const asModule = MODULE_WORDS.test(text) ? parse(name, text, 'module') : undefined
  if (asModule?.module.hasModuleSyntax === true) {
    if (isTypeScriptCommonJs(asModule)) return { kind: 'commonjs', text, parsed: parse(name, text, 'commonjs') }
    return { kind: 'module', text, parsed: asModule }
  }
  const asScript = parse(name, text, 'script')
  const classic = asScript.errors.length === 0 ? asScript : parse(name, text, 'commonjs')
  if (asModule !== undefined && isModule(asModule, classic)) return { kind: 'module', text, parsed: asModule }
  if (classic.errors.length > 0) return { kind: 'script', text, parsed: asScript }
  // The tree costs more than the parse, and most scripts hold none of the names.
  const isCommonJs = COMMONJS_WORDS.test(text) && freeUses(classic.program).length > 0
  return isCommonJs ? { kind: 'commonjs', text, parsed: classic } : { kind: 'script', text, parsed: asScript }
}

/** Whether a text without `import` and `export` is a module: it awaits, or is wrong in a way that a module is not. */
const isModule = (asModule: ParseResult, classic: ParseResult): boolean => {
  if (classic.errors.length > 0) return reach(asModule) > reach(classic)
  return asModule.errors.length === 0 && awaitsAtTop(asModule.program)
}

/** `import x = require('y')` and `export = x` are how TypeScript writes CommonJS. */
const isTypeScriptCommonJs = (parsed: ParseResult): boolean => {
  const { staticImports, staticExports, importMetas } = parsed.module
  if (staticImports.length + staticExports.length + importMetas.length > 0) return false
  return parsed.program.body.some(({ type }) => type === 'TSImportEqualsDeclaration' || type === 'TSExportAssignment')
}

/** How far a parser came before the first error. */
const reach = ({ errors: [error] }: ParseResult): number => (error === undefined ? Infinity : startOf(error))
