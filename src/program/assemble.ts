import { linesOf } from './code-frame.ts'
import { VALUE_NAME } from './completion.ts'
import { IMPORT_NAME } from './instrument.ts'
import type { Placement } from './locate.ts'
import type { PreparedModule } from './prepared-module.ts'

const DEFAULT_NAME = '__vite_ssr_export_default__'
/** What frames of a module's own level are called, until stacks are mapped. */
export const MODULE_LEVEL = '__module_level__'

/** A script with a table of modules as its value, and where each module's code is in it. */
export interface Assembled {
  readonly script: string
  readonly placements: readonly Placement[]
}

/** Puts prepared modules into one classic script, each as a function that the guest's loader calls. */
export const assemble = (
  entry: string,
  modules: readonly PreparedModule[],
  dependencies: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Assembled => {
  const placements: Placement[] = []
  let script = `({ __proto__: null, entry: ${quote(entry)}, modules: { __proto__: null,\n`
  let line = 2
  for (const module of modules) {
    const deps = [...(dependencies.get(module.name) ?? [])]
      .map(([from, to]) => `, [${quote(from)}]: ${quote(to)}`)
      .join('')
    const names = (module.declares ?? []).map(([name, kind]) => `, [${quote(name)}]: "${kind}"`).join('')
    const head = `[${quote(module.name)}]: { __proto__: null, kind: "${module.kind}", deps: { __proto__: null${deps} }, ${module.kind === 'fragment' ? `names: { __proto__: null${names} }, ` : ''}`
    if (module.kind === 'json') {
      script += `${head}text: ${quote(module.source)} },\n`
      line += 1
      continue
    }
    const lines = linesOf(module.code).length
    placements.push({ name: module.name, maps: module.maps, firstLine: line + 1, lines })
    script += `${head}run: ${opening(module)}\n${module.code}\n${closing(module)} },\n`
    line += lines + 2
  }
  return { script: `${script}} })`, placements }
}

const quote = (text: string): string =>
  JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

const opening = ({ kind, strict }: PreparedModule): string => {
  const directive = strict ? ' "use strict";' : ''
  if (kind === 'module') {
    return `async function ${MODULE_LEVEL}(__vite_ssr_exports__, __vite_ssr_import_meta__, __vite_ssr_import__, __vite_ssr_dynamic_import__, __vite_ssr_exportAll__) {${directive}`
  }
  if (kind === 'commonjs') {
    return `function ${MODULE_LEVEL}(exports, require, module, __filename, __dirname, ${IMPORT_NAME}) {${directive}`
  }
  if (kind === 'fragment') {
    return `(${FRAGMENT_SCOPES.join(', ')}, ${IMPORT_NAME}) => { ${FRAGMENT_SCOPES.map((name) => `with (${name}) `).join('')}return (async () => {${directive} var ${VALUE_NAME};`
  }
  return `function ${MODULE_LEVEL}(input, ${IMPORT_NAME}) {${directive} var ${VALUE_NAME};`
}

/** Where the names of a fragment are looked up, the last one first: what its program exports, and what others declared. */
const FRAGMENT_SCOPES = ['__ringfence_exports__', '__ringfence_names__']

const closing = ({ kind, code }: PreparedModule): string => {
  if (kind === 'script') return `return ${VALUE_NAME} }`
  if (kind === 'fragment') return `return ${VALUE_NAME} })() }`
  return kind === 'module' && code.includes(`const ${DEFAULT_NAME} = `) ? `${RENAME_DEFAULT} }` : '}'
}

/** What is exported by default without a name is called `default`; the transform gives it the name of a variable. */
const RENAME_DEFAULT = `try { if (typeof ${DEFAULT_NAME} === "function" && ${DEFAULT_NAME}.name === "${DEFAULT_NAME}") Object.defineProperty(${DEFAULT_NAME}, "name", { value: "default" }) } catch {}`
