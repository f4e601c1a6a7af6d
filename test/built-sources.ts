import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Plugin } from 'vitest/config'
import { buildInto } from '../scripts/build-into.ts'

const SOURCES = join(resolve(import.meta.dirname, '..', 'src'), sep)
/** Beside the packages, which what is built imports as an installed ringfence does. */
const CACHE = join(import.meta.dirname, '..', 'node_modules/.cache/ringfence')
/** Builds of sources that are no more the present ones. */
const STALE_MS = 3 * 3_600_000

/**
 * Has tests run what ships: imports of `src` are those of its build. A far side that Node has to rid of types first takes
 * more than twice as long to start, and tests start thousands.
 */
export async function builtSources(): Promise<Plugin> {
  const built = await build()
  return {
    name: 'ringfence:built-sources',
    enforce: 'pre',
    resolveId(id, importer) {
      if (importer === undefined || !id.startsWith('.')) return null
      const path = resolve(dirname(importer), id)
      if (!path.startsWith(SOURCES)) return null
      return join(built, path.slice(SOURCES.length).replace(/\.ts$/, '.js'))
    },
  }
}

/** Answers the folder with the build of the present sources, which other runs of tests may use at the same time. */
async function build(): Promise<string> {
  const home = join(CACHE, hashOfSources())
  const folder = join(home, 'dist')
  if (existsSync(home)) return folder
  mkdirSync(CACHE, { recursive: true })
  for (const old of globSync(join(CACHE, '*'))) {
    if (Date.now() - statSync(old).mtimeMs > STALE_MS) rmSync(old, { recursive: true, force: true })
  }
  const fresh = mkdtempSync(`${home}-`)
  // As an installed package is: what only its owner may enter, a jail lays out elsewhere.
  chmodSync(fresh, 0o755)
  await buildInto(join(fresh, 'dist'), 'unchecked')
  cpSync('package.json', join(fresh, 'package.json'))
  try {
    renameSync(fresh, home)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    // Another run was quicker.
    if (!existsSync(home)) throw error
  }
  return folder
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const path of ['package.json', 'package-lock.json', ...globSync('src/**/*').toSorted()]) {
    if (statSync(path).isFile()) hash.update(`${path}\0`).update(readFileSync(path)).update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}
