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
/** Where glibc's loader and musl's look up libraries that are not in their default folders. They hold names alone. */
const LOADER_FILES = ['/etc/ld.so.cache', '/etc/ld-musl-x86_64.path', '/etc/ld-musl-aarch64.path']
/** Why there is no jail where ldd is another C library's than Node's. */
export const NO_LIBRARIES = 'ldd does not know the libraries of Node'
/** What ldd says, or musl's, of a program that needs no libraries. */
const STATIC = /statically linked|not a (?:valid )?dynamic/i

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

/** The libraries of Node and of what it loads. What is for another architecture has none here, and is not loaded either. */
const librariesOf = async (programs: readonly string[], { ldd }: Tools): Promise<readonly string[]> => {
  if (ldd === undefined) throw new Error('ldd is not installed')
  // Each for itself, since musl's looks at one program alone.
  const told = await Promise.all(programs.map((program) => ask(ldd, program)))
  const [ofNode = ''] = told
  if (UNLOADABLE.test(ofNode) || !(LIBRARY.test(ofNode) || STATIC.test(ofNode))) throw new Error(NO_LIBRARIES)
  const paths = new Set(told.flatMap((text) => text.match(LIBRARIES) ?? []))
  return [...paths, ...LOADER_FILES.filter((file) => existsSync(file))]
}

/** What musl's ldd says of a program of glibc's. */
const UNLOADABLE = /Error loading shared library/
const LIBRARY = /(?<=^\s+(?:\S+ => )?)\/\S+(?= \()/m
const LIBRARIES = new RegExp(LIBRARY, 'gm')

const NO_PROCESS = /Resource temporarily unavailable|Cannot allocate memory/

const ask = (ldd: string, program: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(ldd, [program], { env: {}, encoding: 'utf8' }, (error, stdout, stderr) => {
      // A number is how it ended; a name, such as EMFILE, why it never began.
      if (error instanceof Error && typeof error.code === 'string') reject(error)
      // It is a shell's program: what it could not start itself is missing from what it says.
      else if (NO_PROCESS.test(stderr)) reject(new Error(stderr.trim().slice(0, 200)))
      else resolve(`${stdout}${stderr}`)
    })
  })
