import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { nodeModuleNamed } from '../program/node-names.ts'
import { nodeRefusal } from '../program/node-refusal.ts'
import { MODULE_PATH, packagesOf, type RealmText } from '../web/build.ts'

const at = (path: string): string => fileURLToPath(new URL(`./parts/${path}`, import.meta.url))

/** Modules of Node that are refused, and why. */
const REFUSED = builtinModules
  .filter((name) => nodeModuleNamed(name) === undefined)
  .map((name) => [name.startsWith('node:') ? name : `node:${name}`, nodeRefusal(name)] as const)

/** Bundles the libraries that stand for modules of Node into the text that realms are given. */
export const buildNodeModules = async (): Promise<RealmText> => {
  const { outputFiles, metafile } = await build({
    entryPoints: [at('main.cjs')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'browser',
    mainFields: ['browser', 'main'],
    target: 'esnext',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: ['ringfence:*'],
    inject: [at('globals.js')],
    define: { 'process.env.NODE_DEBUG': 'undefined', global: 'globalThis' },
    metafile: true,
    logLevel: 'error',
  })
  const code = outputFiles.map((file) => file.text.replace(MODULE_PATH, 'module(')).join('\n')
  const refused = REFUSED.map(([name, reason]) => `, ${JSON.stringify(name)}: ${JSON.stringify(reason)}`).join('')
  const text = `({ __proto__: null, refused: { __proto__: null${refused} }, run: function (module, exports, require) {\n${code}\n} })`
  return { text, packages: packagesOf(metafile) }
}
