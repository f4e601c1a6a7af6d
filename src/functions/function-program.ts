import { readdirSync, readFileSync } from 'node:fs'
import type { ProgramOptions } from '../broker/options.ts'
import type { FunctionVersion } from './words.ts'

/** What stands around every function, as we ourselves run: source while developing, JavaScript once built. */
const ADAPTER_URL = new URL('./adapter/', import.meta.url)
const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
/** What errors call the files of the adapter begins so. A function's own file has no folder. */
const ADAPTER_FOLDER = 'ringfence/'
const ADAPTER_NAME = `${ADAPTER_FOLDER}adapter.ts`

let adapter: Map<string, string> | undefined

/** The adapter's files by their names, each importing the others by these. */
function readAdapter(): Map<string, string> {
  const files = readdirSync(ADAPTER_URL).filter((file) => file.endsWith(ENDING) && !file.endsWith('.d.ts'))
  return new Map(
    files.map((file) => {
      const text = readFileSync(new URL(file, ADAPTER_URL), 'utf8')
        .replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
        .replaceAll(/(?<= from )(['"])\.\/(\w[\w-]*)\.[jt]s\1/g, `"${ADAPTER_FOLDER}$2.ts"`)
      return [`${ADAPTER_FOLDER}${file.slice(0, -ENDING.length)}.ts`, text]
    }),
  )
}

/** Whether an error is not the function's own. */
export const isAdapters = (file: string | undefined): boolean => file?.startsWith(ADAPTER_FOLDER) ?? false

/** A function as a program of the broker's: the adapter, with the function as one of its modules. */
export function programOf(
  { filename, source, settings }: FunctionVersion,
  tenant: string,
): { readonly source: string; readonly options: ProgramOptions } {
  adapter ??= readAdapter()
  const { [ADAPTER_NAME]: main = '', ...parts } = Object.fromEntries(adapter)
  const { trust, tier, limits, fetch, modules: offered } = settings
  const specifier = `./${filename}`
  const modules = { ...parts, [specifier]: source }
  return {
    source: main.replace(/(['"])ringfence:function\1/, JSON.stringify(specifier)),
    options: {
      trust,
      ...(tier !== undefined && { tier }),
      filename: ADAPTER_NAME,
      kind: 'module',
      modules: offered === 'node' ? ['node', modules] : modules,
      limits,
      ...(fetch !== undefined && { fetch }),
      tenant,
    },
  }
}
