import { MagicString } from 'magic-string'
import { type Program as Ast, type VariableDeclaration, Visitor } from 'oxc-parser'
import { keepCompletion } from './completion.ts'
import { literalText, namesIn } from './free-names.ts'
import { FunctionDepth } from './function-depth.ts'
import { IMPORT_NAME, type Instrumented } from './instrument.ts'
import { parse, type SourceType } from './syntax.ts'

/** A name that a fragment declares at its top level, and how it may be assigned. */
export type Declared = readonly [name: string, kind: 'var' | 'let' | 'const']

/** A fragment whose declarations are assignments to names that its realm keeps. */
export interface InstrumentedFragment extends Instrumented {
  readonly declares: readonly Declared[]
}

/**
 * Rewrites a text that is evaluated in a realm after others: what it declares at its top level becomes an assignment, so
 * that the name outlives the text. Rewritten by the places its tree gives, never by searching text.
 */
export const instrumentFragment = (code: string, sourceType: SourceType): InstrumentedFragment => {
  const { program: ast } = parse('guest.js', code, sourceType)
  const out = new MagicString(code)
  const dynamicImports: string[] = []
  new Visitor({
    ImportExpression: ({ start, source }) => {
      out.overwrite(start, source.start, `${IMPORT_NAME}(`)
      const specifier = literalText(source)
      if (specifier !== undefined) dynamicImports.push(specifier)
    },
  }).visit(ast)
  const declares = [...keepVariables(ast, out), ...keepFunctionsAndClasses(ast, out)]
  keepCompletion(ast.body, out)
  const { mappings, names, sources } = out.generateMap({ hires: 'boundary', source: 'guest.js' })
  const strict = ast.body.some((node) => 'directive' in node && node.directive === 'use strict')
  const map = { version: 3, mappings, names, sources }
  // What is imported is looked up among all that the realm has, so nothing is linked.
  return { code: out.toString(), map, strict, imports: [], dynamicImports, computesImports: false, declares }
}

/** `let` and `const` of the top level, and `var` wherever no function is around it. */
const keepVariables = (ast: Ast, out: MagicString): readonly Declared[] => {
  const declared: Declared[] = []
  const heads = new Set<unknown>()
  const atTop = new Set<unknown>(ast.body)
  const functions = new FunctionDepth()
  const addHead = ({ left }: { readonly left: unknown }): void => void heads.add(left)
  new Visitor({
    ...functions.handlers,
    ForInStatement: addHead,
    ForOfStatement: addHead,
    VariableDeclaration: (node) => {
      const { kind } = node
      if (!functions.isTop || kind === 'using' || kind === 'await using') return
      if (kind !== 'var' && !atTop.has(node)) return
      for (const { id } of node.declarations) for (const name of namesIn(id)) declared.push([name, kind])
      assign(node, heads.has(node), out)
    },
  }).visit(ast)
  return declared
}

/** Leaves of a declaration what it assigns. */
const assign = ({ start, kind, declarations }: VariableDeclaration, isHead: boolean, out: MagicString): void => {
  out.remove(start, declarations[0]?.start ?? start)
  if (isHead) return
  for (const { id, init, start: from, end } of declarations) {
    if (init === null) {
      out.overwrite(from, end, kind === 'let' && id.type === 'Identifier' ? `(${id.name} = void 0)` : 'void 0')
      continue
    }
    out.appendRight(from, '(')
    out.appendLeft(end, ')')
  }
}

/** Functions are there before the first statement, as the language has it; classes from their own place on. */
const keepFunctionsAndClasses = (ast: Ast, out: MagicString): readonly Declared[] => {
  const declared: Declared[] = []
  const first = ast.body.find((node) => !('directive' in node))?.start ?? 0
  const named = ast.body.flatMap((node) =>
    (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id !== null
      ? { node, id: node.id }
      : [],
  )
  const last = new Map(named.map(({ node, id }) => [id.name, node]))
  for (const { node, id } of named) {
    const { start, end } = node
    // Of functions with one name, the last is there from the start, and the others never.
    if (last.get(id.name) !== node) {
      out.remove(start, end)
      continue
    }
    const isFunction = node.type === 'FunctionDeclaration'
    declared.push([id.name, isFunction ? 'var' : 'let'])
    // Without a name of its own a function takes the variable's, and may assign to it.
    if (isFunction) out.remove(id.start, id.end)
    out.appendRight(start, `(${id.name} = `)
    out.appendLeft(end, ');')
    if (isFunction && start !== first) out.move(start, end, first)
  }
  return declared
}
