import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { type PackageFolder, packageFolders } from './packages.ts'
import type { Tools } from './tools.ts'

/** Everything a child reads, by absolute path; what is not among it, a jailed child does not have. */
export interface RuntimeFiles {
  readonly node: string
  readonly libraries: readonly string[]
  /** Folders of ours and the file that says how to read them. */
  readonly own: readonly string[]
  readonly packages: readonly PackageFolder[]
}

/** This file's own folder's parent: the sources while developing, the built package once installed. */
const ROOT = dirname(import.meta.dirname)
/** Folders of ours with code that runs on far sides. */
const FOLDERS = ['core', 'guest', 'jail', 'program', 'tiers']
/** Found by the loader through this cache where libraries are not in its default folders. Holds names alone. */
const LOADER_CACHE = '/etc/ld.so.cache'

/**
 * Finds what a child needs that imports `packages`, and the libraries of `programs` too. Rejects with the cause where
 * Node's libraries cannot be told.
 */
export const runtimeFiles = async (
  names: readonly string[],
  tools: Tools,
  programs: readonly string[],
): Promise<RuntimeFiles> => {
  const node = realpathSync(process.execPath)
  const packages = packageFolders(names, ROOT)
  const addons = await Promise.all(packages.map(({ real }) => addonsIn(real)))
  return {
    node,
    libraries: await librariesOf([node, ...addons.flat(), ...programs], tools),
    own: [...FOLDERS.map((folder) => join(ROOT, folder)), join(dirname(ROOT), 'package.json')],
    packages,
  }
}

/** Compiled parts of a package, as far as their names do not say that they are for another machine or another Node. */
const addonsIn = async (folder: string): Promise<readonly string[]> => {
  const files = await readdir(folder, { recursive: true })
  return files.filter(isAddonForUs).map((file) => join(folder, file))
}

const OTHER_SYSTEMS = /darwin|win32/
const OTHER_ARCHITECTURE = process.arch === 'arm64' ? /x64/ : /arm64/

const isAddonForUs = (file: string): boolean => {
  if (!file.endsWith('.node') || OTHER_SYSTEMS.test(file) || OTHER_ARCHITECTURE.test(file)) return false
  const [, abi] = /abi(\d+)/.exec(file) ?? []
  return abi === undefined || abi === process.versions.modules
}

/** A file for another architecture makes ldd fail, after it has told the libraries of the others. */
const librariesOf = async (programs: readonly string[], { ldd }: Tools): Promise<readonly string[]> => {
  if (ldd === undefined) throw new Error('ldd is not installed')
  const { told, complained } = await new Promise<{ told: string; complained: string }>((resolve, reject) => {
    execFile(ldd, programs, { env: {}, encoding: 'utf8' }, (error, stdout, stderr) => {
      // A number is how it ended; a name, such as EMFILE, why it never began.
      if (typeof error?.code === 'string') reject(error)
      else resolve({ told: stdout, complained: stderr })
    })
  })
  const paths = new Set(told.match(/(?<=^\s+(?:\S+ => )?)\/\S+(?= \()/gm))
  if (paths.size === 0) throw new Error(`ldd tells no libraries: ${complained.trim().slice(0, 200)}`)
  return existsSync(LOADER_CACHE) ? [...paths, LOADER_CACHE] : [...paths]
}
