import { type Program as Ast, Visitor } from 'oxc-parser'
import { parse } from './syntax.ts'

/** How a program's text is to be understood. */
export type ProgramKind = 'module' | 'commonjs' | 'script'

/**
 * Sees from a file's ending, else from its syntax, what kind of program it is: `import`, `export`, `import.meta` and
 * top-level `await` make a module; `module.exports`, `exports.x` and `require(…)` a CommonJS module; anything else is
 * a script. A text that parses as neither is the kind whose error says more.
 */
export const detectKind = (name: string, text: string): ProgramKind => {
  if (/\.m[jt]s$/.test(name)) return 'module'
  if (/\.c[jt]s$/.test(name)) return 'commonjs'
  const asModule = parse(name, text, 'module')
  if (asModule.hasModuleSyntax) return 'module'
  const asScript = parse(name, text, 'script')
  if (asScript.errors.length === 0) return usesCommonJs(asScript.ast) ? 'commonjs' : 'script'
  if (asModule.errors.length === 0) return 'module'
  return /\b(?:import|export)\b/.test(text) ? 'module' : 'script'
}

const usesCommonJs = (ast: Ast): boolean => {
  let found = false
  new Visitor({
    MemberExpression: ({ object, property, computed }) => {
      if (object.type !== 'Identifier') return
      const name = !computed && property.type === 'Identifier' ? property.name : undefined
      if (object.name === 'exports' || (object.name === 'module' && name === 'exports')) found = true
    },
    CallExpression: ({ callee }) => {
      if (callee.type === 'Identifier' && callee.name === 'require') found = true
    },
  }).visit(ast)
  return found
}
