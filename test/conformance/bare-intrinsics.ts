import { readFileSync } from 'node:fs'
import vm from 'node:vm'

/** The program that tells the intrinsics of the realm it runs in. */
export const DESCRIBE: string = readFileSync(new URL('../fixtures/guests/tells-intrinsics.js', import.meta.url), 'utf8')

/** What V8 puts into every realm; what guests have of these is told elsewhere. */
const NOT_OF_THE_LANGUAGE = ['console', 'WebAssembly']

/** The intrinsics of a realm of this Node that nobody has touched, and the names of its globals. */
export function bareIntrinsics(): { readonly names: readonly string[]; readonly lines: readonly string[] } {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY)
  const run = (source: string): unknown => JSON.parse(String(vm.runInContext(source, context)))
  const names = texts(run('JSON.stringify(Object.getOwnPropertyNames(globalThis))')).filter(
    (name) => !NOT_OF_THE_LANGUAGE.includes(name),
  )
  const body = DESCRIBE.replace('export default', 'const describe =')
  return { names, lines: texts(run(`${body}\nJSON.stringify(describe(${JSON.stringify(names)}))`)) }
}

const texts = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new TypeError('Cannot read intrinsics: not a list of texts')
}
