import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'
import { WEB_NAMES } from './names.ts'

const at = (path: string): string => fileURLToPath(new URL(`./groups/${path}`, import.meta.url))

const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//

/** What the bundler calls the function of a module: its path, which guests can read. */
export const MODULE_PATH: RegExp = /"[\w@./-]+\.[cm]?js(?:on)?"\(/g

/** Modules of libraries that are not wanted here, and what stands in their place. */
const INSTEAD: readonly (readonly [RegExp, string, string])[] = [
  [/\/helpers\/(?:shadow-dom|traversal|form-controls)$/, 'jsdom', 'instead/documents.cjs'],
  [/\/helpers\/is-window$/, 'jsdom', 'instead/window.cjs'],
  [/\/helpers\/runtime-script-errors$|^\.\/runtime-script-errors$/, 'jsdom', 'instead/report.cjs'],
  [/\/idl\/(?:MouseEvent|BeforeUnloadEvent)$|^\.\/HTML(?:Form)?Element\.js$/, 'jsdom', 'instead/interface.cjs'],
  [/^tr46$/, 'whatwg-url', 'instead/lazy-tr46.cjs'],
]

const putInstead: Plugin = {
  name: 'put instead',
  setup: (bundling) => {
    bundling.onResolve({ filter: /./ }, ({ path, importer }) => {
      const found = INSTEAD.find(([pattern, from]) => importer.includes(`/node_modules/${from}/`) && pattern.test(path))
      return found === undefined ? undefined : { path: at(found[2]) }
    })
  },
}

/** A text made of libraries, and the packages that it is made of. */
export interface RealmText {
  /** An expression whose value has a function that runs the libraries. */
  readonly text: string
  readonly packages: readonly string[]
}

/** Bundles the web platform's libraries into the text that realms are given. */
export const buildWebPlatform = async (): Promise<RealmText> => {
  const { outputFiles, metafile } = await build({
    entryPoints: [at('main.cjs')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'esnext',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: ['ringfence:*'],
    inject: [at('globals.js')],
    define: { globalThis: 'realmOfLibraries', 'ArrayBuffer.prototype': 'bufferPrototype' },
    plugins: [putInstead],
    metafile: true,
    logLevel: 'error',
  })
  const names = JSON.stringify([...WEB_NAMES].map(([name, kind]) => [name, kind !== 'interface']))
  const code = outputFiles.map((file) => file.text.replace(MODULE_PATH, 'module(')).join('\n')
  const text = `({ __proto__: null, names: ${names}, run: function (module, exports, require) {\n${code}\n} })`
  return { text, packages: packagesOf(metafile) }
}

/** The packages whose code is in a bundle. */
export const packagesOf = ({ inputs }: Pick<Metafile, 'inputs'>): readonly string[] => {
  const packages = Object.keys(inputs).flatMap((path) => PACKAGE.exec(path)?.[1] ?? [])
  return [...new Set(packages)].toSorted()
}
