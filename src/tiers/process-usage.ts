import { readFileSync } from 'node:fs'

const PAGE_BYTES = 4096
/** What `/proc` counts CPU time in; 100 a second on every Linux that Node runs on. */
const TICK_MS = 10

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
 * CPU time of all threads of a process. Fields 14 and 15 of `stat`; the second, a name in brackets, may hold spaces.
 */
export const cpuMs = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return Number.isFinite(ticks) ? ticks * TICK_MS : undefined
  } catch {
    // No /proc on this system, or the process is gone.
    return undefined
  }
}
