import { chmod, copyFile, link, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { rememberSuccess } from '../core/remember-success.ts'
import { isOpenToAll, OTHERS_READ } from './open-to-all.ts'
import { makeOwnFolder } from './own-folder.ts'
import type { RuntimeFiles } from './runtime-files.ts'

/** Every path that a child is given besides the system's libraries. */
const pathsOf = ({ node, own, packages }: RuntimeFiles): readonly string[] => [
  node,
  ...own,
  ...packages.map(({ real }) => real),
]

/** Whether root's children, which become other users, cannot read some of these files where they are. */
export const mustStage = async (files: RuntimeFiles): Promise<boolean> => {
  if (process.getuid?.() !== 0) return false
  const open = await Promise.all(pathsOf(files).map(isOpenToAll))
  return open.includes(false)
}

const folder = rememberSuccess(makeOwnFolder)

/**
 * Puts the files where everybody may read them, below a folder that only root can change, and answers that folder.
 * Files are linked where they can be and copied where not.
 */
export const stage = async (files: RuntimeFiles): Promise<string> => {
  const to = await folder()
  for (const path of pathsOf(files)) await placeOnce(path, join(to, path))
  for (const { link: from, real } of files.packages) {
    if (from !== real) await ignoreExisting(makeLink(join(to, real), join(to, from)))
  }
  return to
}

/** A file that is being run cannot be written again, so nothing is placed twice. */
const placed = new Map<string, Promise<void>>()

const placeOnce = (from: string, to: string): Promise<void> => {
  const placing = placed.get(to) ?? place(from, to)
  placed.set(to, placing)
  placing.catch(() => placed.delete(to))
  return placing
}

const place = async (from: string, to: string): Promise<void> => {
  const { mode, isDirectory, isSymbolicLink } = await kindOf(from)
  if (isSymbolicLink) {
    await ignoreExisting(makeLink(await readlink(from), to))
  } else if (isDirectory) {
    await mkdir(to, { recursive: true, mode: 0o755 })
    for (const name of await readdir(from)) await place(join(from, name), join(to, name))
  } else {
    await mkdir(dirname(to), { recursive: true, mode: 0o755 })
    await ignoreExisting(placeFile(from, to, mode))
  }
}

const kindOf = async (path: string) => {
  const found = await lstat(path)
  return { mode: found.mode, isDirectory: found.isDirectory(), isSymbolicLink: found.isSymbolicLink() }
}

/** A link keeps the file's rights, so it will do only for what everybody may read. */
const placeFile = async (from: string, to: string, mode: number): Promise<void> => {
  if ((mode & OTHERS_READ) !== 0) {
    try {
      await link(from, to)
      return
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return
      // Another file system, or one without links.
    }
  }
  await copyFile(from, to)
  await chmod(to, (mode & 0o111) === 0 ? 0o644 : 0o755)
}

const makeLink = async (target: string, at: string): Promise<void> => {
  await mkdir(dirname(at), { recursive: true, mode: 0o755 })
  await symlink(target, at)
}

const ignoreExisting = async (work: Promise<void>): Promise<void> => {
  try {
    await work
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
