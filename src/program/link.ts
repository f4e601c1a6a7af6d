import { NODE_MODULES } from './node-names.ts'
import { nodeRefusal } from './node-refusal.ts'
import type { PreparedModule } from './prepared-module.ts'
import { type Reachable, resolveModule, specifiersOf } from './resolve.ts'

/** For each module, what its specifiers mean. */
export type Dependencies = ReadonlyMap<string, ReadonlyMap<string, string>>

/** An import that reaches nothing. */
export interface Refused {
  readonly kind: 'refused'
  readonly specifier: string
  readonly reason: string
}

/** As many modules times importers are listed for imports that are computed; a table of more would outgrow the program. */
const MAX_COMPUTED = 10_000

/** Finds what every import means. A dynamic one that means nothing is left to fail when it runs. */
export const link = (
  modules: readonly PreparedModule[],
  hostModules: readonly string[],
  node: boolean,
): { readonly dependencies: Dependencies } | Refused => {
  const reachable = { modules: new Set(modules.map(({ name }) => name)), hostModules: new Set(hostModules), node }
  const names = [...reachable.modules, ...hostModules]
  if (modules.filter((module) => module.computesImports).length * names.length > MAX_COMPUTED) {
    const reason = `what is imported is computed, among more modules than ${MAX_COMPUTED} altogether`
    return { kind: 'refused', specifier: 'import()', reason }
  }
  const dependencies = new Map<string, ReadonlyMap<string, string>>()
  for (const module of modules) {
    const { name, imports, dynamicImports, computesImports } = module
    const missing = imports.find((specifier) => resolveModule(specifier, name, reachable) === undefined)
    if (missing !== undefined) return refusal(missing, name, names, node)
    const computed = computesImports
      ? [...names.flatMap((target) => specifiersOf(target, name)), ...(node ? NODE_SPECIFIERS : [])]
      : []
    dependencies.set(name, resolved([...imports, ...dynamicImports, ...computed], name, reachable))
  }
  return { dependencies }
}

const resolved = (
  specifiers: readonly string[],
  importer: string,
  reachable: Reachable,
): ReadonlyMap<string, string> => {
  const targets = new Map<string, string>()
  for (const specifier of specifiers) {
    const target = resolveModule(specifier, importer, reachable)
    if (target !== undefined) targets.set(specifier, target)
    // Refused when it runs, by its name and with the reason, which the text of Node's modules has.
    else if (reachable.node === true && nodeRefusal(specifier) !== undefined) {
      targets.set(specifier, specifier.startsWith('node:') ? specifier : `node:${specifier}`)
    }
  }
  return targets
}

/** As a computed import may write them. */
const NODE_SPECIFIERS: readonly string[] = NODE_MODULES.flatMap((name) => [name, name.slice('node:'.length)])

const refusal = (specifier: string, importer: string, known: readonly string[], node: boolean): Refused => {
  const reason = node ? nodeRefusal(specifier) : undefined
  if (reason !== undefined) return { kind: 'refused', specifier, reason }
  const names = known.filter((name) => name !== importer).map((name) => `"${name}"`)
  const given = names.length === 0 ? 'no modules were given' : `only ${names.join(', ')} can be imported`
  return { kind: 'refused', specifier, reason: `it is not among the modules of "${importer}": ${given}` }
}
