import vm from 'node:vm'
import { parse } from './syntax.ts'

/**
 * ATTACK: text in which our parser sees no `import()` and V8 does. The call would reach the host's loader, which rejects
 * with an error of the host's realm: `error.constructor.constructor('return process')()` is the host. So the finished
 * script is parsed once more as a whole, and must have no import left in it.
 */
export const importsLeft = (script: string): boolean => {
  // A keyword cannot be escaped. Without the word there is no import, and most scripts are without it.
  if (!/\bimport\b/.test(script)) return false
  const { errors, module } = parse('guest.js', script, 'script')
  const { staticImports, staticExports, dynamicImports, importMetas } = module
  return errors.length + staticImports.length + staticExports.length + dynamicImports.length + importMetas.length > 0
}

/** What V8 says of a script, and where; line and column count from one. */
export interface EngineComplaint {
  readonly message: string
  readonly line: number
  readonly column: number
}

/** How often it was asked. V8 remembers scripts by their text, for whoever asks next; so no two texts are the same. */
let asked = 0

/** What V8 says of a script that our parser accepts, or nothing. Our parser does not read regular expressions. */
export const engineComplaint = (script: string): EngineComplaint | undefined => {
  try {
    // oxlint-disable-next-line no-new -- compiling is the question; what it makes is compiled again where it runs
    new vm.Script(`${script}\n//${asked++}`, { filename: 'guest:program' })
    return undefined
  } catch (error) {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
    const [, line = '0', margin = ''] = /^guest:program:(\d+)\n.*\n([ \t]*)\^/.exec(stack) ?? []
    return { message, line: Number(line), column: margin.length + 1 }
  }
}
