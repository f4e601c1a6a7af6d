import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { WEB_NAMES } from './names.ts'

const at = (path: string): string => fileURLToPath(new URL(`./groups/${path}`, import.meta.url))

const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//

/** What the bundler calls the function of a module: its path, which guests can read. */
const MODULE_PATH = /"[\w@./-]+\.[cm]?js(?:on)?"\(/g

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

/** Bundles libraries into the body of a function that runs them, and names the packages that it is made of. */
export const bundleLibraries = async (
  own: BuildOptions,
): Promise<{ readonly code: string; readonly packages: readonly string[] }> => {
  const { outputFiles, metafile } = await build({
    bundle: true,
    format: 'cjs',
    target: 'esnext',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: ['ringfence:*'],
    logLevel: 'error',
    ...own,
    write: false,
    metafile: true,
  })
  const code = outputFiles.map((file) => file.text.replace(MODULE_PATH, 'module(')).join('\n')
  return { code, packages: packagesOf(metafile) }
}

/** Bundles the web platform's libraries into the text that realms are given. */
export const buildWebPlatform = async (): Promise<RealmText> => {
  const { code, packages } = await bundleLibraries({
    entryPoints: [at('main.cjs')],
    platform: 'neutral',
    mainFields: ['module', 'main'],
    inject: [at('globals.js')],
    define: { globalThis: 'realmOfLibraries', 'ArrayBuffer.prototype': 'bufferPrototype' },
    plugins: [putInstead],
  })
  const names = JSON.stringify([...WEB_NAMES].map(([name, kind]) => [name, kind !== 'interface']))
  const text = `({ __proto__: null, names: ${names}, run: function (module, exports, require) {\n${code}\n} })`
  return { text, packages }
}

/** The packages whose code is in a bundle. */
const packagesOf = ({ inputs }: Pick<Metafile, 'inputs'>): readonly string[] => {
  const packages = Object.keys(inputs).flatMap((path) => PACKAGE.exec(path)?.[1] ?? [])
  return [...new Set(packages)].toSorted()
}
