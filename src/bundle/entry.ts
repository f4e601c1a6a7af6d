import { realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { RingfenceError } from '../core/errors.ts'

/** What is bundled, and the folder that nothing may be read from outside of. Both without links in their paths. */
export interface Entry {
  readonly path: string
  readonly root: string
}

/** Finds them. Throws `RF_CANNOT_BUNDLE` where one of them is not there. */
export async function findEntry(path: string, root: string | undefined): Promise<Entry> {
  const real = await realOf(path)
  const around = (await isFolder(real)) ? real : dirname(real)
  const found = root === undefined ? await nearestPackage(around) : await realOf(root)
  if (!isWithin(real, found)) {
    throw new RingfenceError(
      'RF_CANNOT_BUNDLE',
      `Cannot bundle "${path}": it is outside of the root "${root ?? found}"`,
    )
  }
  return { path: real, root: found }
}

/** Whether a path is a folder or below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

async function nearestPackage(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await isFile(join(at, 'package.json'))) return at
    if (dirname(at) === at) return folder
  }
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(resolve(path))
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new RingfenceError('RF_CANNOT_BUNDLE', `Cannot bundle "${path}": it cannot be read (${why})`, { cause })
  }
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory()

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    // Not there, or not to be seen: it is looked for further up.
    return false
  }
}
