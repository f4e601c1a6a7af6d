import { posix } from 'node:path'
import { nodeModuleNamed } from './node-names.ts'

/** What a program's imports may reach. */
export interface Reachable {
  /** Names of modules passed as text, the program itself among them. */
  readonly modules: ReadonlySet<string>
  /** Names of modules made of host functions. */
  readonly hostModules: ReadonlySet<string>
  /** Whether modules of Node are offered. */
  readonly node?: boolean
}

/** Tried in order after a relative specifier, as bundlers do. */
const ENDINGS = ['', '.ts', '.js', '.mts', '.mjs', '.cts', '.cjs', '.json', '/index.ts', '/index.js']

/** Finds the module a specifier means, or nothing. There is no look-up anywhere else: no folders, no packages, no URLs. */
export const resolveModule = (specifier: string, importer: string, reachable: Reachable): string | undefined => {
  const { modules, hostModules, node } = reachable
  if (modules.has(specifier) || hostModules.has(specifier)) return specifier
  if (!/^\.\.?\//.test(specifier)) return node === true ? nodeModuleNamed(specifier) : undefined
  const path = joinPath(importer, specifier)
  if (path === undefined) return undefined
  const asWritten = ENDINGS.map((ending) => path + ending)
  const asTypeScript = /\.[cm]?js$/.test(path) ? [path.replace(/js$/, 'ts')] : []
  for (const candidate of [...asWritten, ...asTypeScript]) {
    for (const name of [candidate, `./${candidate}`]) if (modules.has(name)) return name
  }
  return undefined
}

/** The specifiers by which a module can mean another, for an import whose target is computed when it runs. */
export const specifiersOf = (name: string, importer: string): readonly string[] => {
  const path = posix.relative(posix.dirname(posix.join('/', importer)), posix.join('/', name))
  const relative = path.startsWith('../') ? path : `./${path}`
  const stems = ENDINGS.filter((ending) => relative.endsWith(ending)).map((ending) =>
    relative.slice(0, relative.length - ending.length),
  )
  const asJavaScript = /\.[cm]?ts$/.test(relative) ? [relative.replace(/ts$/, 'js')] : []
  return [name, ...stems, ...asJavaScript]
}

/** A specifier's path from the importer's folder; nothing when it leaves the tree of modules. */
const joinPath = (importer: string, specifier: string): string | undefined => {
  const parts = importer.split('/').slice(0, -1).filter(isName)
  for (const part of specifier.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined
    if (isName(part)) parts.push(part)
  }
  return parts.join('/')
}

const isName = (part: string): boolean => part !== '' && part !== '.' && part !== '..'
