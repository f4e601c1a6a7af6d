import type { MagicString } from 'magic-string'
import type { Directive, Expression, Statement } from 'oxc-parser'

/** The variable that holds what a script's value will be. */
export const VALUE_NAME = '__ringfence_value__'
const SAVED_NAME = '__ringfence_saved__'
const FORGET = `${VALUE_NAME} = void 0; `

type Node = Directive | Statement

/**
 * Keeps a script's completion value, the one `eval` would give, in a variable: each expression statement outside
 * functions is assigned to it, and each compound statement forgets the value before it, as the language says (ECMA-262,
 * "UpdateEmpty"). What opens goes to the right of its place and what closes to the left, so that statements without a
 * gap between them do not mix.
 */
export const keepCompletion = (body: readonly Node[], out: MagicString): void => {
  const directives = body.filter(isDirective)
  const last = directives.at(-1)
  if (last !== undefined) out.appendLeft(last.end, ` ${VALUE_NAME} = ${JSON.stringify(last.expression.value)};`)
  keepInList(
    body.filter((node) => !isDirective(node)),
    out,
  )
}

const isDirective = (node: Node): node is Directive =>
  node.type === 'ExpressionStatement' && 'directive' in node && typeof node.directive === 'string'

/** One statement after the other: what came before has left a value that a compound statement must not keep. */
const keepInList = (list: readonly Node[], out: MagicString): void => {
  for (const node of list) {
    if (isCompound(node)) out.appendRight(node.start, FORGET)
    keepIn(node, out)
  }
}

/** The body of a loop, which may have no braces: it starts anew with every round. */
const keepInLoop = (body: Statement, out: MagicString): void => {
  const braces = isCompound(body)
  if (braces) out.appendRight(body.start, `{ ${FORGET}`)
  keepIn(body, out)
  if (braces) out.appendLeft(body.end, ' }')
}

const keepIn = (node: Node, out: MagicString): void => {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- every other statement has no value
  switch (node.type) {
    case 'ExpressionStatement':
      // Behind a comma, a function does not take the variable's name.
      out.appendRight(node.expression.start, `${VALUE_NAME} = (${isNameless(node.expression) ? '0, ' : ''}`)
      out.appendLeft(node.expression.end, ')')
      return
    case 'BlockStatement':
      return keepInList(node.body, out)
    case 'IfStatement':
      keepIn(node.consequent, out)
      if (node.alternate !== null) keepIn(node.alternate, out)
      return
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return keepInLoop(node.body, out)
    case 'LabeledStatement':
    case 'WithStatement':
      return keepIn(node.body, out)
    case 'SwitchStatement':
      for (const { consequent } of node.cases) keepInList(consequent, out)
      return
    case 'TryStatement':
      return keepInTry(node, out)
    default:
  }
}

/** What `try` came to is lost when `catch` takes over; what `finally` comes to counts only when it leaves by a jump. */
const keepInTry = (
  { block, handler, finalizer }: Extract<Statement, { readonly type: 'TryStatement' }>,
  out: MagicString,
): void => {
  keepInList(block.body, out)
  if (handler !== null) {
    out.appendLeft(handler.body.start + 1, ` ${FORGET}`)
    keepInList(handler.body.body, out)
  }
  if (finalizer === null) return
  out.appendLeft(finalizer.start + 1, ` const ${SAVED_NAME} = ${VALUE_NAME}; ${FORGET}`)
  keepInList(finalizer.body, out)
  out.appendLeft(finalizer.end - 1, ` ${VALUE_NAME} = ${SAVED_NAME}; `)
}

const isNameless = (expression: Expression): boolean =>
  expression.type === 'ParenthesizedExpression'
    ? isNameless(expression.expression)
    : /^(?:FunctionExpression|ArrowFunctionExpression|ClassExpression)$/.test(expression.type)

const isCompound = (node: Node): boolean =>
  node.type === 'LabeledStatement'
    ? isCompound(node.body)
    : /^(?:If|Switch|Try|With|While|DoWhile|For|ForIn|ForOf)Statement$/.test(node.type)
