import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A command before that of a child, which does as it is told while it is broken. */
export interface Breakable extends Disposable {
  readonly prefix: readonly string[]
  /** What every child started from now on does instead of its work: lines of a shell. */
  breakWith(lines: string): void
  mend(): void
  /** Where it leaves a line for each start. */
  readonly starts: string
}

/** Makes a prefix of a shell that can be broken and mended from outside. */
export function breakable(): Breakable {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-chaos-'))
  const fault = join(folder, 'fault')
  const starts = join(folder, 'starts')
  const breakWith = (lines: string): void => writeFileSync(fault, lines)
  breakWith('')
  writeFileSync(starts, '')
  return {
    prefix: ['/bin/sh', '-c', `echo start >> ${starts}; . ${fault}; exec "$@"`, 'sh'],
    breakWith,
    mend: () => breakWith(''),
    starts,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
