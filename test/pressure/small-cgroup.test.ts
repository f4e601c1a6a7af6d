import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cgroupReader } from '../../src/broker/cgroup.ts'
import { eventually } from '../leaks/held.ts'
import { MIB } from './host.ts'
import { makeSmallCgroup, type SmallCgroup } from './small-cgroup.ts'

const SIEGE = new URL('besieged-host.ts', import.meta.url).pathname

interface Siege {
  readonly code: number | null
  readonly signal: string | null
  readonly told:
    | { readonly counts: Record<string, number>; readonly after: string[]; readonly levels: string[] }
    | undefined
}

/** Runs the besieged host inside a group. */
function besiege({ enter }: SmallCgroup, ...args: readonly string[]): Promise<Siege> {
  const child = spawn('sh', ['-c', `${enter} "$0" "$@"`, process.execPath, SIEGE, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return new Promise((resolve) => {
    child.once('close', (code, signal) =>
      resolve({ code, signal, told: text === '' ? undefined : (JSON.parse(text) as Siege['told']) }),
    )
  })
}

/** A group can only be removed once the last process in it is gone. */
async function withGroup(limitBytes: number, use: (group: SmallCgroup) => Promise<void>): Promise<string | undefined> {
  const group = makeSmallCgroup(limitBytes)
  if (typeof group === 'string') return group
  try {
    await use(group)
  } finally {
    const removed = await eventually(() => {
      try {
        group[Symbol.dispose]()
        return true
      } catch {
        return false
      }
    }, 10_000)
    expect(removed).toBe(true)
  }
  return undefined
}

describe('in a cgroup too small for what its guests want, a host', () => {
  // Some ten Node processes start at once and take half of it, before any guest has taken anything.
  it('survives, serves on, and the kernel kills nobody', async ({ skip }) => {
    const why = await withGroup(800 * MIB, async (group) => {
      const { code, told } = await besiege(group, 'watched')
      expect(code).toBe(0)
      expect(told?.after).toEqual(['42', '42', '42'])
      expect(told?.levels).toContain('emergency')
      expect(Object.values(told?.counts ?? {}).reduce((sum, count) => sum + count, 0)).toBe(22)
      expect(Object.keys(told?.counts ?? {}).filter((ending) => /crashed|threw/.test(ending))).toEqual([])
      expect(group.oomKills()).toBe(0)
    })
    if (why !== undefined) skip(why)
  })

  it('lets only so many in at once that none of them is ended, when it reserves all they may take', async ({
    skip,
  }) => {
    const why = await withGroup(800 * MIB, async (group) => {
      const { code, told } = await besiege(group, 'reserved')
      expect(code).toBe(0)
      expect(told?.counts).toEqual({ 'hostile: returned': 6, 'untrusted: returned': 10, 'limited: returned': 6 })
      expect(told?.after).toEqual(['42', '42', '42'])
      expect(group.oomKills()).toBe(0)
    })
    if (why !== undefined) skip(why)
  })

  it('loses its children to the kernel and lives itself, when every threshold is the limit itself', async ({
    skip,
  }) => {
    const why = await withGroup(400 * MIB, async (group) => {
      const { code, told } = await besiege(group, 'unwatched')
      expect(group.oomKills()).toBeGreaterThan(0)
      expect(code).toBe(0)
      expect(told?.after).toEqual(['42', '42', '42'])
    })
    if (why !== undefined) skip(why)
  })
})

describe('the reading of a cgroup', () => {
  /** Writes files as the kernel shows them, and reads them. */
  function read(self: string, files: Readonly<Record<string, string>>): ReturnType<ReturnType<typeof cgroupReader>> {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-cgroup-'))
    try {
      for (const [path, text] of Object.entries({ ...files, self })) {
        mkdirSync(join(folder, path, '..'), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      return cgroupReader(join(folder, 'self'), folder)()
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  const V1 = '5:cpu,cpuacct:/box\n4:memory:/box/own\n1:name=systemd:/\n'

  it.each([
    [
      'version 2, without pages of files',
      '0::/own\n',
      { 'own/memory.max': '1000\n', 'own/memory.current': '700\n', 'own/memory.stat': 'anon 1\ninactive_file 200\n' },
      { usedBytes: 500, limitBytes: 1000 },
    ],
    [
      'version 1, without those of its groups',
      V1,
      {
        'memory/box/own/memory.limit_in_bytes': '1000\n',
        'memory/box/own/memory.usage_in_bytes': '700\n',
        'memory/box/own/memory.stat': 'inactive_file 1\ntotal_inactive_file 300\n',
      },
      { usedBytes: 400, limitBytes: 1000 },
    ],
    [
      'the tightest of the groups around',
      '0::/box/own\n',
      {
        'box/own/memory.max': 'max\n',
        'box/own/memory.current': '700\n',
        'box/memory.max': '1000\n',
        'box/memory.current': '900\n',
        'memory.max': '5000\n',
        'memory.current': '1000\n',
      },
      { usedBytes: 900, limitBytes: 1000 },
    ],
    [
      'a container whose own path is not to be seen',
      '0::/../../docker/abc\n',
      { 'memory.max': '1000\n', 'memory.current': '10\n' },
      { usedBytes: 10, limitBytes: 1000 },
    ],
    ['no limit', '0::/own\n', { 'own/memory.max': 'max\n', 'own/memory.current': '700\n' }, undefined],
    [
      'the number that means no limit in version 1',
      V1,
      {
        'memory/box/own/memory.limit_in_bytes': '9223372036854771712\n',
        'memory/box/own/memory.usage_in_bytes': '1\n',
      },
      undefined,
    ],
    ['nothing that can be read', 'nonsense', {}, undefined],
  ] as const)('knows %s', (_, self, files, memory) => {
    expect(read(self, files)).toEqual(memory)
  })

  it('is of no cgroup where the system has none', () => {
    expect(cgroupReader('/nowhere/at/all')()).toBeUndefined()
  })
})
