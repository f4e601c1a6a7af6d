import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Rights of everybody else, in a file's mode. */
export const OTHERS_READ = 0o004
const OTHERS_ENTER = 0o001

/** Whether a user of no group and no name may read this: it itself, and every folder on the way to it. */
export const isOpenToAll = async (path: string): Promise<boolean> => {
  const { mode } = await stat(path)
  if ((mode & OTHERS_READ) === 0) return false
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) {
    if (((await stat(dirname(folder))).mode & OTHERS_ENTER) === 0) return false
  }
  return true
}
