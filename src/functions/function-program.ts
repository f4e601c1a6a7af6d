import { readFileSync } from 'node:fs'
import type { ProgramOptions } from '../broker/options.ts'
import type { FunctionVersion } from './words.ts'

/** What stands around every function, as we ourselves run: source while developing, JavaScript once built. */
const ADAPTER_URL = new URL(`./adapter.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
/** What errors call the adapter. */
export const ADAPTER_NAME = 'ringfence-function.ts'

let adapter: string | undefined

/** A function as a program of the broker's: the adapter, with the function as its module. */
export function programOf(
  { filename, source, settings }: FunctionVersion,
  tenant: string,
): { readonly source: string; readonly options: ProgramOptions } {
  adapter ??= readFileSync(ADAPTER_URL, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
  const { trust, tier, limits, fetch } = settings
  const specifier = `./${filename}`
  return {
    source: adapter.replace(/(['"])ringfence:function\1/, JSON.stringify(specifier)),
    options: {
      trust,
      ...(tier !== undefined && { tier }),
      filename: ADAPTER_NAME,
      kind: 'module',
      modules: { [specifier]: source },
      limits,
      ...(fetch !== undefined && { fetch }),
      tenant,
    },
  }
}
