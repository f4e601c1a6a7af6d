import { type Program as Ast, Visitor } from 'oxc-parser'
import { FunctionDepth } from './function-depth.ts'

/** Whether something is awaited outside every function, which only a module may do. */
export const awaitsAtTop = (ast: Ast): boolean => {
  const functions = new FunctionDepth()
  let found = false
  const see = (): void => {
    if (functions.isTop) found = true
  }
  new Visitor({
    ...functions.handlers,
    AwaitExpression: see,
    ForOfStatement: (node) => {
      if (node.await) see()
    },
    VariableDeclaration: ({ kind }) => {
      if (kind === 'await using') see()
    },
  }).visit(ast)
  return found
}
