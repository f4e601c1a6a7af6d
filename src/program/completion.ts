import type { MagicString } from 'magic-string'
import type { Directive, Statement } from 'oxc-parser'

/** The variable that holds what a script's value will be. */
export const VALUE_NAME = '__ringfence_value__'

type Node = Directive | Statement

/**
 * Keeps a script's completion value, the one `eval` would give, in a variable: each expression statement outside
 * functions is assigned to it, and each compound statement of a list forgets the value before it, as the language says
 * (ECMA-262, "UpdateEmpty"). A `break` or `continue` keeps the value reached, which is what users see in a console.
 */
export const keepCompletion = (body: readonly Node[], out: MagicString): void => {
  for (const statement of body) keepIn(statement, out, true)
}

const keepIn = (node: Node | null | undefined, out: MagicString, inList: boolean): void => {
  if (node === null || node === undefined) return
  if (node.type === 'ExpressionStatement') {
    if ('directive' in node && typeof node.directive === 'string') return
    out.appendLeft(node.expression.start, `${VALUE_NAME} = (`)
    out.appendRight(node.expression.end, ')')
    return
  }
  const children = childrenOf(node)
  if (children === undefined) return
  if (inList && node.type !== 'BlockStatement' && node.type !== 'LabeledStatement') {
    out.appendLeft(node.start, `${VALUE_NAME} = undefined; `)
  }
  const childIsInList =
    node.type === 'BlockStatement' || node.type === 'TryStatement' || node.type === 'SwitchStatement'
  for (const child of children) keepIn(child, out, childIsInList)
}

/** The statements within a statement whose values count; nothing for those that have no value, such as declarations. */
const childrenOf = (node: Node): readonly (Node | null | undefined)[] | undefined => {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- every other statement has no statements within
  switch (node.type) {
    case 'BlockStatement':
      return node.body
    case 'IfStatement':
      return [node.consequent, node.alternate]
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
    case 'WithStatement':
      return [node.body]
    case 'TryStatement':
      return [node.block, node.handler?.body]
    case 'SwitchStatement':
      return node.cases.flatMap(({ consequent }) => consequent)
    default:
      return undefined
  }
}
