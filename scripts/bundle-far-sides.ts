import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** What is started as a program of its own, in a process or a thread, once for many a guest. */
const ENTRIES = [
  'tiers/process/entry',
  'tiers/isolate/entry',
  'tiers/worker/entry',
  'tiers/prepare-entry',
  'tiers/dead-man-entry',
  'jail/canary-entry',
] as const

/**
 * Makes one file of each far side's entry and what it imports of ours, in place: Node takes a millisecond or two to find, read
 * and link each, and a child has some thirty.
 */
export async function bundleFarSides(folder: string): Promise<void> {
  for (const entry of ENTRIES) {
    const file = join(folder, `${entry}.js`)
    await build({
      entryPoints: [file],
      outfile: file,
      allowOverwrite: true,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      packages: 'external',
      sourcemap: true,
      logLevel: 'error',
      plugins: [ownPlaces(dirname(file))],
    })
  }
}

/** A file that asks where it stands goes on to hear of its own place, and not of that of the file that it has become part of. */
const ownPlaces = (folder: string): Plugin => ({
  name: 'own-places',
  setup(context) {
    context.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const own = `new URL(${JSON.stringify(relative(folder, path))}, import.meta.url).href`
      return { loader: 'js', contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', own) }
    })
  },
})
