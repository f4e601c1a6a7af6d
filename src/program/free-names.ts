import type { Program as Ast, BindingPattern, ParamPattern, VisitorObject } from 'oxc-parser'
import { Visitor } from 'oxc-parser'

/** A place where a text uses what a CommonJS module is given: `require(…)`, `module.exports`, `exports.x`. */
export interface FreeUse {
  readonly name: 'require' | 'module' | 'exports'
  /** The text in `require('text')`, if it is one. */
  readonly specifier?: string
}

/** The names bound within one function. Blocks are not told apart, which only ever hides a use. */
interface Scope {
  readonly names: Set<string>
  readonly parent: Scope | undefined
}

/** Finds the uses of what CommonJS gives where no binding of the text's own stands in between, as bundles have them. */
export const freeUses = (ast: Ast): readonly FreeUse[] => {
  let scope: Scope = { names: new Set(), parent: undefined }
  const seen: { readonly use: FreeUse; readonly scope: Scope }[] = []
  const bind = (pattern: Pattern): void => {
    for (const name of namesIn(pattern)) scope.names.add(name)
  }
  const enter = ({ params }: { readonly params: readonly ParamPattern[] }): void => {
    scope = { names: new Set(), parent: scope }
    params.forEach(bind)
  }
  const leave = (): void => {
    scope = scope.parent ?? scope
  }
  new Visitor({
    ...usesOf((use) => seen.push({ use, scope })),
    FunctionDeclaration: (node) => {
      if (node.id !== null) scope.names.add(node.id.name)
      enter(node)
    },
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
    VariableDeclaration: ({ declare, declarations }) => {
      // `declare const require: …` only gives a type to what is there.
      if (declare !== true) for (const { id } of declarations) bind(id)
    },
    CatchClause: ({ param }) => {
      if (param !== null) bind(param)
    },
  }).visit(ast)
  return seen.filter((found) => !isBound(found.use.name, found.scope)).map(({ use }) => use)
}

const usesOf = (found: (use: FreeUse) => void): VisitorObject => ({
  CallExpression: ({ callee, arguments: args }) => {
    if (callee.type === 'Identifier' && callee.name === 'require') {
      const specifier = args[0] === undefined ? undefined : literalText(args[0])
      found({ name: 'require', ...(specifier === undefined ? {} : { specifier }) })
    }
    if (args.some((argument) => argument.type === 'Identifier' && argument.name === 'exports')) {
      found({ name: 'exports' })
    }
  },
  MemberExpression: ({ object, property, computed }) => {
    if (object.type !== 'Identifier') return
    if (object.name === 'exports') found({ name: 'exports' })
    const key = !computed && property.type === 'Identifier' ? property.name : literalText(property)
    if (object.name === 'module' && key === 'exports') found({ name: 'module' })
  },
})

const isBound = (name: string, scope: Scope | undefined): boolean =>
  scope !== undefined && (scope.names.has(name) || isBound(name, scope.parent))

type Pattern = ParamPattern | BindingPattern

/** The names that a pattern binds. */
export const namesIn = (pattern: Pattern): readonly string[] => {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'RestElement':
      return namesIn(pattern.argument)
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => {
        if (element === null) return []
        return namesIn(element.type === 'RestElement' ? element.argument : element)
      })
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'TSParameterProperty':
      return namesIn(pattern.parameter)
  }
}

/** The text of a string, or of a template without substitutions; nothing for any other expression. */
export const literalText = (node: {
  readonly type: string
  readonly value?: unknown
  readonly quasis?: readonly { readonly value: { readonly cooked: string | null } }[]
}): string | undefined => {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type !== 'TemplateLiteral' || node.quasis?.length !== 1) return undefined
  return node.quasis[0]?.value.cooked ?? undefined
}
