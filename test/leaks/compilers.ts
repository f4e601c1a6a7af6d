import { readFileSync } from 'node:fs'
import { childrenOf } from './held.ts'

/** The processes of this one's compilers, those that wrap them included. */
export function compilers(): readonly number[] {
  const all = (pid: number): readonly number[] => childrenOf(pid).flatMap((child) => [child, ...all(child)])
  return all(process.pid).filter(isCompiler)
}

function isCompiler(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('prepare-entry')
  } catch {
    // It is gone.
    return false
  }
}
