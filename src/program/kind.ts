import type { ParseResult } from 'oxc-parser'
import { freeUses } from './free-names.ts'
import { parse, startOf } from './syntax.ts'
import { awaitsAtTop } from './top-level-await.ts'

/** How a program's text is to be understood. */
export type ProgramKind = 'module' | 'commonjs' | 'script'

/**
 * Sees from a file's ending, else from its syntax, what kind of program it is: `import`, `export`, `import.meta` and
 * top-level `await` make a module; `module.exports`, `exports.x` and `require(…)` a CommonJS module; anything else is
 * a script. A text that parses as neither is the kind whose parser came further.
 */
export const detectKind = (name: string, text: string): ProgramKind => {
  if (/\.m[jt]s$/.test(name)) return 'module'
  if (/\.c[jt]s$/.test(name)) return 'commonjs'
  const asModule = parse(name, text, 'module')
  if (asModule.module.hasModuleSyntax) return isTypeScriptCommonJs(asModule) ? 'commonjs' : 'module'
  const asCommonJs = parse(name, text, 'commonjs')
  if (asModule.errors.length > 0 && asCommonJs.errors.length > 0) {
    return reach(asModule) > reach(asCommonJs) ? 'module' : 'script'
  }
  if (asCommonJs.errors.length > 0) return 'module'
  if (asModule.errors.length === 0 && /\bawait\b/.test(text) && awaitsAtTop(asModule.program)) return 'module'
  // The tree costs more than the parse, and most scripts hold none of the names. An escape may spell one.
  const mayUse = /\b(?:require|exports)\b|\\u/.test(text)
  return mayUse && freeUses(asCommonJs.program).length > 0 ? 'commonjs' : 'script'
}

/** `import x = require('y')` and `export = x` are how TypeScript writes CommonJS. */
const isTypeScriptCommonJs = ({ module, program }: ParseResult): boolean => {
  const { staticImports, staticExports, importMetas } = module
  if (staticImports.length + staticExports.length + importMetas.length > 0) return false
  return program.body.some(({ type }) => type === 'TSImportEqualsDeclaration' || type === 'TSExportAssignment')
}

/** How far a parser came before the first error. */
const reach = ({ errors: [error] }: ParseResult): number => (error === undefined ? Infinity : startOf(error))
