import { type Program as Ast, Visitor } from 'oxc-parser'

/** Whether something is awaited outside every function, which only a module may do. */
export const awaitsAtTop = (ast: Ast): boolean => {
  let functions = 0
  let found = false
  const enter = (): void => {
    functions += 1
  }
  const leave = (): void => {
    functions -= 1
  }
  const see = (): void => {
    if (functions === 0) found = true
  }
  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
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
