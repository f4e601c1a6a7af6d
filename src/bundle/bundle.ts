import { basename, relative } from 'node:path'
import { type BuildFailure, type BuildOptions, build, type Message, type Metafile, type OutputFile } from 'esbuild'
import { RingfenceError } from '../core/errors.ts'
import { bounds, type RefusedImport } from './bounds.ts'
import { type BundleOptions, checkBundleOptions } from './bundle-options.ts'
import { type Entry, findEntry } from './entry.ts'
import { type BundlePart, partsOf } from './parts.ts'

/** One program made of an entry and all it imports. */
export interface Bundle {
  /** An ES module; pass it to `broker.run` with `filename` and `sourceMap`. */
  readonly source: string
  readonly filename: string
  /** Version 3, with the original texts, as JSON. */
  readonly sourceMap: string
  readonly bytes: number
  /** Whose code it is made of, the largest first. */
  readonly parts: readonly BundlePart[]
  /** Imports of what no guest can have. The program runs until it gets to one of them, and then throws. */
  readonly refused: readonly RefusedImport[]
  /** What the bundler found odd. */
  readonly warnings: readonly string[]
}

/** What `bundle` of the public surface does. */
export async function makeBundle(path: string, options: BundleOptions): Promise<Bundle> {
  if (typeof path !== 'string') throw new TypeError(`Cannot bundle: the path must be a string, received ${typeof path}`)
  const { hostModules = ['host'], modules, ...checked } = checkBundleOptions(options)
  const entry = await findEntry(path, checked.root)
  const refused = new Map<string, RefusedImport>()
  const limits = bounds(entry.root, { hostModules: new Set(hostModules), node: modules === 'node' }, (one) =>
    refused.set(JSON.stringify(one), one),
  )
  const result = await built(path, { ...settingsOf(entry, checked), plugins: [limits] })
  const [source, map] = ['.js', '.js.map'].map((ending) => textOf(result.outputFiles, ending))
  const [output] = Object.entries(result.metafile.outputs).filter(([name]) => name.endsWith('.js'))
  if (source === undefined || map === undefined || output === undefined) {
    throw new RingfenceError('RF_CANNOT_BUNDLE', `Cannot bundle "${path}": the bundler gave no program`)
  }
  return {
    source,
    filename: `${basename(entry.path).replace(/\.[cm]?[jt]sx?$/, '')}.bundle.js`,
    sourceMap: map,
    bytes: Buffer.byteLength(source),
    parts: partsOf(output[1]),
    refused: [...refused.values()],
    warnings: result.warnings.map(describe),
  }
}

interface Built {
  readonly outputFiles: readonly OutputFile[]
  readonly metafile: Pick<Metafile, 'outputs'>
  readonly warnings: readonly Message[]
}

function settingsOf({ path, root }: Entry, { minify = false, define = {} }: BundleOptions): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: [{ in: `./${relative(root, path)}`, out: 'program' }],
    bundle: true,
    write: false,
    metafile: true,
    outdir: root,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    sourcemap: 'external',
    sourcesContent: true,
    minify,
    keepNames: minify,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', ...define },
  }
}

async function built(path: string, settings: BuildOptions): Promise<Built> {
  try {
    const { outputFiles = [], metafile = { outputs: {} }, warnings } = await build(settings)
    return { outputFiles, metafile, warnings }
  } catch (cause) {
    if (!isBuildFailure(cause)) throw cause
    const found = cause.errors.map(describe).join('\n  ')
    throw new RingfenceError('RF_CANNOT_BUNDLE', `Cannot bundle "${path}":\n  ${found}`, { cause })
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error

function describe({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`
}

const textOf = (files: readonly OutputFile[], ending: string): string | undefined =>
  files.find(({ path }) => path.endsWith(ending))?.text
