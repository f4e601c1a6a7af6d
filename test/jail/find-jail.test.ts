import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { jailFinder } from '../../src/jail/find-jail.ts'
import { systemTools, type Tools } from '../../src/jail/tools.ts'
import { observeWall } from '../../src/tiers/observe-wall.ts'
import { wallOf } from '../../src/tiers/wall.ts'
import { FakeBwrap } from './fake-bwrap.ts'

const { bwrap: _, ...withoutBwrap } = systemTools()
const { perl: __, ...withoutPerl } = systemTools()
const hasBwrap = systemTools().bwrap !== undefined

let refusing: FakeBwrap
beforeAll(() => {
  refusing = new FakeBwrap('echo "bwrap: No permissions to create new namespace" >&2\nexit 1')
})
afterAll(() => refusing[Symbol.dispose]())

const found = async (tools: Tools, choice: Parameters<ReturnType<typeof jailFinder>>[0] = 'auto') => {
  const { jail, missing } = await jailFinder(tools)(choice, [])
  return { kind: jail?.kind, missing }
}

describe('the strongest jail that works', () => {
  it.runIf(hasBwrap)('is namespaces where bubblewrap can make them', async () => {
    expect(await found(systemTools())).toEqual({ kind: 'namespaces', missing: [] })
  })

  it('is Landlock without bubblewrap, which is named with its fix', async () => {
    const { kind, missing } = await found(withoutBwrap)
    expect(kind).toBe('landlock')
    expect(missing).toEqual([
      {
        layer: 'namespaces',
        cause: 'bubblewrap is not installed',
        fix: expect.stringContaining('apt-get install bubblewrap'),
      },
    ])
  })

  it('is Landlock where bubblewrap is there and refuses, as in a container; its own words are the cause', async () => {
    const { kind, missing } = await found({ ...systemTools(), bwrap: refusing.path })
    expect(kind).toBe('landlock')
    expect(missing[0]).toMatchObject({ layer: 'namespaces', cause: 'bwrap: No permissions to create new namespace' })
  })

  it('is none without perl, and every layer is named', async () => {
    const { kind, missing } = await found(withoutPerl)
    expect(kind).toBe(undefined)
    expect(missing.map(({ layer }) => layer)).toEqual(['namespaces', 'landlock', 'seccomp'])
    for (const { cause, fix } of missing) {
      expect(cause).toBe('perl is not installed')
      expect(fix).toContain('apt-get install perl-base')
    }
  })

  it('is none where Node’s libraries cannot be told', async () => {
    const { ldd: ___, ...withoutLdd } = systemTools()
    const { kind, missing } = await found(withoutLdd)
    expect(kind).toBe(undefined)
    for (const { cause, fix } of missing.slice(hasBwrap ? 0 : 1)) {
      expect([cause, fix]).toEqual(['ldd is not installed', expect.stringContaining('apt-get install libc-bin')])
    }
  })

  it('is none where ldd is that of another C library than Node’s', async () => {
    const { kind, missing } = await found({ ...systemTools(), ldd: '/bin/false' })
    expect(kind).toBe(undefined)
    expect(missing.at(-1)).toMatchObject({
      cause: 'ldd does not know the libraries of Node',
      fix: expect.stringContaining('Install ldd'),
    })
  })

  it('is none where the launcher’s perl cannot make system calls', async () => {
    const { kind, missing } = await found({ ...withoutBwrap, perl: '/bin/false' })
    expect(kind).toBe(undefined)
    expect(missing.at(-1)?.cause).toBe('Node did not start in it')
  })
})

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** A system on which these files are not programs. */
const withoutPrograms = (paths: readonly string[]): readonly string[] => [
  systemTools().bwrap ?? '',
  '--dev-bind',
  '/',
  '/',
  ...paths.flatMap((path) => ['--ro-bind', '/dev/null', path]),
  '--',
]

it.runIf(hasBwrap).each<[without: string, paths: readonly (string | undefined)[], found: readonly string[]]>([
  ['perl', [systemTools().perl], ['perl is not installed', 'apt-get install perl-base']],
  ['ldd', [systemTools().ldd], ['ldd is not installed', 'apt-get install libc-bin']],
  ['perl, ldd and bubblewrap', Object.values(systemTools()), ['perl is not installed', 'apt-get install perl-base']],
])(
  '`ringfence doctor` on a system without %s names it, with its fix, and refuses hostile code',
  (_without, paths, told) => {
    const [command = '', ...args] = withoutPrograms(paths.filter((path) => path !== undefined))
    const doctor = spawnSync(command, [...args, process.execPath, MAIN, 'doctor'], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(doctor.stderr).toBe('')
    const words = doctor.stdout.replaceAll(/\s+/g, ' ')
    for (const text of told) expect(words).toContain(text)
    expect(doctor.stdout).toMatch(/^hostile +process +good +refused/m)
    expect(doctor.status).not.toBe(0)
  },
)

describe('a trial that does not end in time', () => {
  it('decides nothing the first time, and a second time that the jail hangs', async () => {
    using hanging = new FakeBwrap('exec sleep 5')
    const find = jailFinder({ ...systemTools(), bwrap: hanging.path }, 300)
    await expect(find('namespaces', [])).rejects.toMatchObject({
      code: 'RF_CARRIER_FAILED',
      message:
        'Cannot start a carrier: jail "namespaces" cannot be tried now: ETIMEDOUT: Node did not start in it in time',
    })
    // Each way to make it is given its second chance.
    await expect(find('namespaces', [])).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
    const { jail, missing } = await find('namespaces', [])
    expect([jail, missing[0]?.cause]).toEqual([undefined, 'ETIMEDOUT: Node did not start in it in time'])
  })

  it('is forgotten where the next one ends', async () => {
    using slow = new FakeBwrap('exec sleep 5')
    const find = jailFinder({ ...systemTools(), bwrap: slow.path }, 2000)
    await expect(find('auto', [])).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
    writeFileSync(slow.path, `#!/bin/sh\necho ${process.version}\n`)
    expect((await find('auto', [])).jail?.kind).toBe('namespaces')
  })
})

describe('a jail that was asked for by name', () => {
  it.each(['namespaces', 'landlock', 'seccomp'] as const)('is never replaced by a weaker one: %s', async (choice) => {
    const finder = jailFinder({})
    const wall = wallOf(choice, [], finder)
    await expect(wall).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
    await expect(wall).rejects.toThrow(`there is no jail "${choice}" here: perl is not installed`)
    const report = await observeWall(wall, 'exclusive')
    expect(report).toMatchObject({ level: 'none', layers: [] })
    expect(report.missing[0]?.cause).toContain('perl is not installed')
  })

  it.each(['auto', 'none'] as const)('is not %s, with which children start without one', async (choice) => {
    const { jail, outer } = await wallOf(choice, [], jailFinder({}))
    expect([jail, outer]).toEqual([undefined, undefined])
  })

  it.each(['landlock', 'seccomp'] as const)('is used though a stronger one works: %s', async (choice) => {
    const { kind, missing } = await found(systemTools(), choice)
    expect(kind).toBe(choice)
    expect(missing[0]).toMatchObject({ layer: 'namespaces', cause: `the option "jail" is "${choice}"` })
  })
})

describe('the options', () => {
  it.each<[message: string, options: object]>([
    ['"process.jail" must be one of "auto", "namespaces"', { process: { jail: 'chroot' } }],
    ['"isolate.jail" must be one of', { isolate: { jail: true } }],
    [
      '"process.jail" and "process.commandPrefix" exclude each other',
      { process: { jail: 'auto', commandPrefix: ['/usr/bin/env'] } },
    ],
    ['"process.cgroup" is joined by jails', { process: { cgroup: '/sys/fs/cgroup/a', jail: 'none' } }],
    [
      '"process.cgroup" is joined by jails',
      { process: { cgroup: '/sys/fs/cgroup/a', commandPrefix: ['/usr/bin/env'] } },
    ],
    ['"isolate.cgroup" is joined by jails', { isolate: { cgroup: '/sys/fs/cgroup/a', placement: 'inline' } }],
    ['"isolate.jail" is about processes', { isolate: { jail: 'auto', placement: 'inline' } }],
  ])('that cannot be followed are refused: %s', async (message, options) => {
    await expect(createBroker(options)).rejects.toThrow(message)
    await expect(createBroker(options)).rejects.toThrow(RangeError)
  })

  it.each([7, '', 'sys/fs/cgroup'])('a control group is named by its whole path: %s', async (cgroup) => {
    await expect(createBroker({ process: { cgroup } } as object)).rejects.toThrow(TypeError)
  })
})
