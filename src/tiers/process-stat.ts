import { readFileSync } from 'node:fs'

/** What `/proc` counts CPU time in; 100 a second on every Linux that Node runs on. */
const TICK_MS = 10
/** Where the fields are that proc(5) numbers 14, 15 and 22, counted from the third. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12
const BIRTH = 19

/** What `/proc/PID/stat` tells of a process. */
export interface ProcessStat {
  /** CPU time of all its threads. */
  readonly cpuMs: number
  /** When it began, which tells it from a later process of the same number. */
  readonly birth: string
}

/** Reads the one line that `/proc` has of a process; undefined where it does not tell. */
export const processStat = (pid: number): ProcessStat | undefined => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    // No /proc on this system, or the process is gone.
    return undefined
  }
}

/** The second field is a name in brackets, which the process itself chooses: it may hold spaces, and brackets too. */
export const parseStat = (line: string): ProcessStat | undefined => {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const cpuMs = (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * TICK_MS
  const birth = fields[BIRTH]
  return Number.isFinite(cpuMs) && birth !== undefined ? { cpuMs, birth } : undefined
}
