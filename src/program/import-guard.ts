import vm from 'node:vm'
import { Visitor } from 'oxc-parser'
import { parse } from './syntax.ts'

/**
 * ATTACK: text in which our parser sees no `import()` and V8 does. The call would reach the host's loader, which rejects
 * with an error of the host's realm: `error.constructor.constructor('return process')()` is the host. So the finished
 * script is parsed once more as a whole, and must have no import left in it.
 */
export const importsLeft = (script: string): boolean => {
  const { ast, errors } = parse('guest.js', script, 'script')
  let found = errors.length > 0
  const see = (): void => {
    found = true
  }
  new Visitor({
    ImportExpression: see,
    ImportDeclaration: see,
    MetaProperty: ({ meta }) => void (meta.name === 'import' && see()),
  }).visit(ast)
  return found
}

/** What V8 says of a script that our parser accepts, or nothing; with the line it speaks of, counted from one. */
export const engineComplaint = (script: string): { readonly message: string; readonly line: number } | undefined => {
  try {
    // oxlint-disable-next-line no-new -- compiling is the question; what it makes is compiled again where it runs
    new vm.Script(script, { filename: 'guest:program' })
    return undefined
  } catch (error) {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
    return { message, line: Number(/^guest:program:(\d+)/.exec(stack)?.[1] ?? 0) }
  }
}
