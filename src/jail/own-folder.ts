import { readlinkSync, rmSync } from 'node:fs'
import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { isOpenToAll } from './open-to-all.ts'

/** A folder that everybody may enter and only this process's user can change. It goes when this process exits. */
export const makeOwnFolder = async (): Promise<string> => {
  const base = (await isOpenToAll(tmpdir())) ? tmpdir() : '/tmp'
  const made = await makeFolder(base, 'ringfence')
  await chmod(made, 0o755)
  process.once('exit', () => {
    try {
      rmSync(made, { recursive: true, force: true })
    } catch {
      // EMFILE: the next start sweeps it, and an error here would change how this process ends.
    }
  })
  return made
}

/**
 * Makes a folder below `base` that is named after this process, which is to remove it. What processes that were killed
 * left behind under such names goes first.
 */
export const makeFolder = async (base: string, name: string): Promise<string> => {
  const mine = `${name}-${pidNamespace()}-`
  await sweep(base, mine)
  return mkdtemp(join(base, `${mine}${process.pid}-`))
}

/** Process ids mean something only within their namespace, and folders for temporary files are shared between them. */
const pidNamespace = (): string => {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')
  } catch {
    // ENOENT: another system than Linux has but one.
    return '0'
  }
}

const sweep = async (base: string, mine: string): Promise<void> => {
  for (const name of await readdir(base)) {
    const pid = Number(new RegExp(`^${mine}(\\d+)-`).exec(name)?.[1])
    const left = join(base, name)
    if (Number.isNaN(pid) || isAlive(pid) || !(await isOurs(left))) continue
    // ATTACK: put a folder of one's own into bait, which everybody may write to. It stays, and nothing waits for it.
    await rm(left, { recursive: true, force: true }).catch(() => {})
  }
}

/** Whoever shares the folder for temporary files could lay a link there under such a name. */
const isOurs = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).uid === process.getuid?.()
  } catch {
    // ENOENT: another process was quicker to remove it.
    return false
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM is said of a process that is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
