import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A cgroup with a memory limit, made for one test. Owned by whoever made it; everything in it must have ended before. */
export interface SmallCgroup extends Disposable {
  /** A shell's words that put it into the group before it becomes the command that follows. */
  readonly enter: string
  /** How many processes the kernel killed in it for want of memory. */
  oomKills(): number
  peakBytes(): number
}

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'

/** Makes one, or answers why that cannot be done here. */
export function makeSmallCgroup(limitBytes: number): SmallCgroup | string {
  const version2 = existsSync(join(V2, 'cgroup.controllers'))
  const folder = join(version2 ? V2 : V1, `ringfence-test-${process.pid}-${Date.now()}`)
  try {
    mkdirSync(folder)
    writeFileSync(join(folder, version2 ? 'memory.max' : 'memory.limit_in_bytes'), String(limitBytes))
  } catch (error) {
    if (existsSync(folder)) rmdirSync(folder)
    return `no cgroup can be made: ${error instanceof Error ? error.message : String(error)}`
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'latin1')
  return {
    enter: `echo $$ > ${folder}/cgroup.procs && exec`,
    oomKills: () => {
      const text = read(version2 ? 'memory.events' : 'memory.oom_control')
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? Number.NaN)
    },
    peakBytes: () => Number(read(version2 ? 'memory.peak' : 'memory.max_usage_in_bytes')),
    [Symbol.dispose]: () => rmdirSync(folder),
  }
}
