import { readFileSync } from 'node:fs'
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

/** CPU time of all threads of a process; undefined where `/proc` does not tell. */
export const cpuMs = (pid: number): number | undefined => processStat(pid)?.cpuMs
