import process from 'node:process'
import { type RuntimeFiles, runtimeFiles } from './runtime-files.ts'
import { isFilterable, seccompFilter } from './seccomp.ts'
import { mustStage, stage } from './stage.ts'
import type { Tools } from './tools.ts'

/** What every jail for one kind of child stands on. */
export interface Ground {
  readonly files: RuntimeFiles
  /** Put before each of the files' paths to have it where a child may read it; empty where that is its own place. */
  readonly prefix: string
  readonly filter: Buffer
}

/**
 * Prepares for children that import these packages, and that `programs` stand before. Rejects, with the cause, where no
 * jail can stand.
 */
export const groundFor = async (
  packages: readonly string[],
  tools: Tools,
  programs: readonly string[] = [],
): Promise<Ground> => {
  if (process.platform !== 'linux') throw new Error(`jails need Linux, and this is ${process.platform}`)
  const { arch } = process
  if (!isFilterable(arch)) throw new Error(`no seccomp filter is known for ${arch}`)
  const files = await runtimeFiles(packages, tools, programs)
  const prefix = (await mustStage(files)) ? await stage(files) : ''
  return { files, prefix, filter: seccompFilter(arch) }
}
