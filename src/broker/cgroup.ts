import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const MOUNT = '/sys/fs/cgroup'
/** Version 1 writes some huge page-aligned number where there is no limit. */
const NO_LIMIT = 2 ** 60

/** What the processes of a cgroup hold, and how much they may before the kernel kills one of them. */
export interface CgroupMemory {
  readonly usedBytes: number
  readonly limitBytes: number
}

interface Files {
  readonly folder: string
  readonly used: string
  readonly limit: string
  /** What of the use is pages of files, which the kernel gives up before it kills. */
  readonly cache: string
}

/**
 * Finds the cgroups this process is in, its own and those around it, and answers what reads the tightest of them; a limit
 * may be set or lifted at any time. The reading is undefined where none has a limit, or none can be read.
 */
export function cgroupReader(
  self: string = '/proc/self/cgroup',
  mount: string = MOUNT,
): () => CgroupMemory | undefined {
  const groups = groupsOf(textOf(self) ?? '', mount).filter(({ folder, limit }) => existsSync(join(folder, limit)))
  return () => {
    let tightest: CgroupMemory | undefined
    for (const group of groups) {
      const memory = memoryOf(group)
      if (memory === undefined) continue
      if (tightest === undefined || share(memory) > share(tightest)) tightest = memory
    }
    return tightest
  }
}

const share = ({ usedBytes, limitBytes }: CgroupMemory): number => usedBytes / limitBytes

/** Lines are `number:controllers:path`; version 2 has one, with no controllers. */
function groupsOf(text: string, mount: string): readonly Files[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, ...rest] = line.split(':')
    const path = rest.join(':')
    if (controllers === '') {
      return [mount, join(mount, 'unified')].flatMap((root) =>
        foldersOf(root, path).map((folder) => ({
          folder,
          used: 'memory.current',
          limit: 'memory.max',
          cache: 'inactive_file',
        })),
      )
    }
    if (controllers?.split(',').includes('memory') !== true) return []
    return foldersOf(join(mount, 'memory'), path).map((folder) => ({
      folder,
      used: 'memory.usage_in_bytes',
      limit: 'memory.limit_in_bytes',
      cache: 'total_inactive_file',
    }))
  })
}

/** The folder of a group and of all groups around it. In a container the path may be one of the host's, which is not there. */
function foldersOf(root: string, path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..')
  return [root, ...parts.map((_, n) => join(root, ...parts.slice(0, n + 1)))]
}

function memoryOf({ folder, used, limit, cache }: Files): CgroupMemory | undefined {
  const limitBytes = Number(textOf(join(folder, limit)) ?? Number.NaN)
  if (!(limitBytes > 0 && limitBytes < NO_LIMIT)) return undefined
  const held = Number(textOf(join(folder, used)) ?? Number.NaN)
  if (!Number.isFinite(held)) return undefined
  const stat = textOf(join(folder, 'memory.stat')) ?? ''
  const cached = Number(new RegExp(`^${cache} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0)
  return { usedBytes: Math.max(0, held - cached), limitBytes }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    // Not Linux, no such controller, or the group is gone: nothing to go by.
    return undefined
  }
}
