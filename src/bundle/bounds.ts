import { realpath } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { relative } from 'node:path'
import type { ImportKind, OnResolveResult, Plugin } from 'esbuild'
import { nodeModuleNamed } from '../program/node-names.ts'
import { nodeRefusal } from '../program/node-refusal.ts'
import { isWithin } from './entry.ts'

/** An import that a bundle leaves out, and what the program is told when it gets there. */
export interface RefusedImport {
  readonly specifier: string
  /** The file that imports it, from the root. */
  readonly importer: string
  readonly reason: string
}

const BUILT_IN: ReadonlySet<string> = new Set(builtinModules)
/** The namespace of what is put in the place of a refused import. */
export const REFUSED = 'refused'
/** The namespace of modules of Node that are required. */
const REQUIRED = 'required'
/** The namespace of the imports that their `require` is made of. */
const IMPORTED = 'imported'

/**
 * Keeps what is bundled below the root, and puts a module that throws in the place of what no guest can have, so that code
 * which only asks for it in passing goes on.
 *
 * ATTACK: `import key from '/home/operator/.config/key.json'`, or a link to it, in code somebody else wrote: bundling reads
 * files with the operator's rights, and the program could give them away.
 */
export function bounds(
  root: string,
  { hostModules, node }: { readonly hostModules: ReadonlySet<string>; readonly node: boolean },
  onRefused: (refused: RefusedImport) => void,
): Plugin {
  return {
    name: 'bounds',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer, kind, namespace }) => {
        if (kind === 'entry-point') return undefined
        if (hostModules.has(path)) return { path, external: true }
        if (namespace === REQUIRED) return { path, namespace: IMPORTED }
        if (namespace === IMPORTED) return { path, external: true }
        const offered = node ? nodeModuleNamed(path) : undefined
        if (offered !== undefined) return offer(offered, kind)
        const reason = reasonAgainst(path, node)
        if (reason === undefined) return undefined
        onRefused({ specifier: path, importer: relative(root, importer), reason })
        return { path, namespace: REFUSED, pluginData: reason, sideEffects: true }
      })
      build.onLoad({ filter: /.*/, namespace: REFUSED }, ({ path, pluginData }) => ({
        contents: `throw new Error(${JSON.stringify(`Cannot import "${path}": ${String(pluginData)}`)})`,
        loader: 'js',
      }))
      build.onLoad({ filter: /.*/, namespace: REQUIRED }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)}).default`,
        loader: 'js',
      }))
      build.onLoad({ filter: /.*/, namespace: IMPORTED }, ({ path }) => ({
        contents: `export { default } from ${JSON.stringify(path)}`,
        loader: 'js',
      }))
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path }) => {
        if (isWithin(await realpath(path), root)) return undefined
        return { errors: [{ text: `it is outside of the root` }] }
      })
    },
  }
}

/** Leaves the import of an offered module of Node as it is. A `require` of it becomes an import, which an ES module can make. */
function offer(path: string, kind: ImportKind): OnResolveResult {
  return kind === 'require-call' ? { path, namespace: REQUIRED } : { path, external: true }
}

function reasonAgainst(specifier: string, node: boolean): string | undefined {
  if (/^(?:https?|data|file):/.test(specifier)) return 'a program imports by name and relative path, not by URL'
  const name = specifier.replace(/^node:/, '')
  const refusal = node ? nodeRefusal(specifier) : undefined
  if (refusal !== undefined) return refusal
  if (specifier.startsWith('node:') || BUILT_IN.has(name)) return 'it is a module of Node, and a guest has none of them'
  return specifier.endsWith('.node') ? 'native code runs in no sandbox' : undefined
}
