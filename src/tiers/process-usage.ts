import { readdirSync, readFileSync } from 'node:fs'
import { processStat } from './process-stat.ts'

const PAGE_BYTES = 4096

/** Physical memory a process holds; undefined where `/proc` does not tell. */
export const residentBytes = (pid: number): number | undefined => {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
    return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined
  } catch {
    // No /proc on this system, or the process is gone.
    return undefined
  }
}

/**
 * Whether any thread of a process can still run its code: one whose address space is gone can not. A killed process loses
 * it within two milliseconds and clears the memory away only then, which takes 10 more for each 100 MB; its parent hears
 * of its end last of all. False also for a process that `/proc` does not show.
 */
export const canRun = (pid: number): boolean => {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => hasAddressSpace(`/proc/${pid}/task/${thread}/statm`))
  } catch {
    return false
  }
}

const hasAddressSpace = (statm: string): boolean => {
  try {
    return !readFileSync(statm, 'latin1').startsWith('0 ')
  } catch {
    return false
  }
}

/** CPU time of all threads of a process; undefined where `/proc` does not tell. */
export const cpuMs = (pid: number): number | undefined => processStat(pid)?.cpuMs
