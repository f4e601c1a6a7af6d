import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { nodeModuleNamed } from '../program/node-names.ts'
import { nodeRefusal } from '../program/node-refusal.ts'
import { bundleLibraries, type RealmText } from '../web/build.ts'

const at = (path: string): string => fileURLToPath(new URL(`./parts/${path}`, import.meta.url))

/** Modules of Node that are refused, and why. */
const REFUSED = builtinModules
  .filter((name) => nodeModuleNamed(name) === undefined)
  .map((name) => [name.startsWith('node:') ? name : `node:${name}`, nodeRefusal(name)] as const)

/** Bundles the libraries that stand for modules of Node into the text that realms are given. */
export const buildNodeModules = async (): Promise<RealmText> => {
  const { code, packages } = await bundleLibraries({
    entryPoints: [at('main.cjs')],
    platform: 'browser',
    mainFields: ['browser', 'main'],
    inject: [at('globals.js')],
    define: { 'process.env.NODE_DEBUG': 'undefined', global: 'globalThis' },
  })
  const refused = REFUSED.map(([name, reason]) => `, ${JSON.stringify(name)}: ${JSON.stringify(reason)}`).join('')
  const text = `({ __proto__: null, refused: { __proto__: null${refused} }, run: function (module, exports, require) {\n${code}\n} })`
  return { text, packages }
}
