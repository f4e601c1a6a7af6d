import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A package as a program finds it (`link`) and where it really is; the same unless it is linked. */
export interface PackageFolder {
  readonly link: string
  readonly real: string
}

/** Finds packages and all that they depend on, as Node would when a file in `from` imports them. */
export const packageFolders = (names: readonly string[], from: string): readonly PackageFolder[] => {
  const found = new Map<string, PackageFolder>()
  const visit = (name: string, folder: string): void => {
    const link = findPackage(name, folder)
    if (link === undefined || found.has(link)) return
    const real = realpathSync(link)
    found.set(link, { link, real })
    for (const dependency of dependenciesOf(real)) visit(dependency, real)
  }
  for (const name of names) visit(name, from)
  return [...found.values()]
}

/** Node looks in every folder above; an optional dependency for another system is nowhere. */
const findPackage = (name: string, folder: string): string | undefined => {
  const link = join(folder, 'node_modules', name)
  if (existsSync(join(link, 'package.json'))) return link
  const parent = dirname(folder)
  return parent === folder ? undefined : findPackage(name, parent)
}

const dependenciesOf = (folder: string): readonly string[] => {
  const description: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (typeof description !== 'object' || description === null) return []
  return ['dependencies', 'optionalDependencies'].flatMap((kind) => {
    const names: unknown = Reflect.get(description, kind)
    return typeof names === 'object' && names !== null ? Object.keys(names) : []
  })
}
