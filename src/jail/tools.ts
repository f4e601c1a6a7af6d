import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** Programs of the system that jails and runtimes are made with; absent where there is none. */
export interface Tools {
  readonly perl?: string
  readonly bwrap?: string
  readonly ldd?: string
  readonly runsc?: string
}

/** Folders that only the system's administrator fills. `PATH` is not asked: what it names would run as the broker's user. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin']

/** Looks for the tools where systems keep them. */
export const systemTools = (): Tools =>
  Object.fromEntries(
    ['perl', 'bwrap', 'ldd', 'runsc'].flatMap((name) => {
      const path = find(name)
      return path === undefined ? [] : [[name, path]]
    }),
  )

const find = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      // Not there, or not for us.
      return false
    }
  })
