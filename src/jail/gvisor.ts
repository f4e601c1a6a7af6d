import { mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { rememberSuccess } from '../core/remember-success.ts'
import { type Ground, groundFor } from './ground.ts'
import type { Bounds, NodeCommand } from './launcher.ts'
import { nodeBy, type OuterRuntime } from './outer-runtime.ts'
import { makeOwnFolder } from './own-folder.ts'
import type { Tools } from './tools.ts'

/** A file or folder of the host, and where it stands inside. */
interface Mount {
  readonly source: string
  readonly destination: string
}

/** What runs before Node inside. */
const STAGE_PROGRAMS = ['/bin/sh', '/usr/bin/env']
/** Whoever asks inside is told this user, whichever it is outside. */
const INNER_USER = 65_534
const NAMESPACES = ['pid', 'network', 'ipc', 'uts', 'mount']
/** gVisor adds a writable /tmp of its own where it is told of none. */
const EMPTY = ['/tmp', '/dev/shm'].map((destination) => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['ro', 'nosuid', 'nodev', 'noexec'],
}))
const PROC = { destination: '/proc', type: 'proc', source: 'proc', options: ['ro', 'nosuid', 'nodev', 'noexec'] }

const folder = rememberSuccess(makeOwnFolder)
let started = 0

/** gVisor for children that import these packages. Rejects, with the cause and its fix, where there is none. */
export const findGvisor = async (packages: readonly string[], tools: Tools): Promise<OuterRuntime> => {
  const { runsc } = tools
  if (runsc === undefined) throw new Error('runsc is not installed. Install gVisor (apt-get install runsc)')
  const ground = await groundFor(packages, tools, STAGE_PROGRAMS)
  return gvisorRuntime(ground, runsc, await folder())
}

/**
 * gVisor: each child under a kernel of its own, which is a program without rights on the host. Its root holds what Node
 * reads and no more. `within` is a folder that only this process changes; gVisor keeps nothing anywhere else.
 */
const gvisorRuntime = (ground: Ground, runsc: string, within: string): OuterRuntime => {
  const root = join(within, 'root')
  const mounts = mountsOf(ground)
  for (const { source, destination } of mounts) makeMountPoint(join(root, destination), source)
  return {
    name: 'gvisor',
    identity: `gvisor ${runsc}`,
    transport: 'stdio',
    claimsOwnKernel: true,
    joinsGroups: true,
    start: (node, bounds) => {
      const name = `ringfence-${process.pid}-${started}`
      started += 1
      const own = join(within, name)
      mkdirSync(own)
      writeFileSync(join(own, 'config.json'), JSON.stringify(bundleOf(root, mounts, ground.files.node, node, bounds)))
      return {
        command: [...joining(bounds.groups ?? []), runsc, ...flagsFor(own), 'run', '--bundle', own, name],
        release: () => rmSync(own, { recursive: true, force: true }),
      }
    },
  }
}

const flagsFor = (own: string): readonly string[] => [
  '--root',
  join(own, 'state'),
  '--network=none',
  // It is put into a group before it starts, where one was delegated.
  '--ignore-cgroups',
  ...(process.getuid?.() === 0 ? [] : ['--rootless']),
]

/** A command that joins these groups and becomes what follows it. */
const joining = (lists: readonly string[]): readonly string[] =>
  lists.flatMap((list) => ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', list])

const mountsOf = ({ files, prefix }: Ground): readonly Mount[] => [
  ...[...STAGE_PROGRAMS, ...files.libraries].map((path) => ({ source: realpathSync(path), destination: path })),
  ...[files.node, ...files.own].map((path) => ({ source: `${prefix}${path}`, destination: path })),
  ...files.packages.flatMap(({ link, real }) =>
    [...new Set([link, real])].map((path) => ({ source: `${prefix}${real}`, destination: path })),
  ),
]

/** Made beforehand, since two runtimes that start at once would be in each other's way. */
const makeMountPoint = (at: string, source: string): void => {
  const isFolder = statSync(source).isDirectory()
  mkdirSync(isFolder ? at : dirname(at), { recursive: true })
  if (!isFolder) writeFileSync(at, '')
}

/** What the Open Container Initiative's runtime specification has a container described by. */
const bundleOf = (
  root: string,
  mounts: readonly Mount[],
  path: string,
  node: NodeCommand,
  bounds: Bounds,
): Readonly<Record<string, unknown>> => ({
  ociVersion: '1.0.2',
  hostname: 'sandbox',
  root: { path: root, readonly: true },
  process: {
    user: { uid: INNER_USER, gid: INNER_USER },
    cwd: '/',
    env: [],
    args: nodeBy('stdio', path, node, bounds),
    noNewPrivileges: true,
    capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
  },
  mounts: [
    PROC,
    ...EMPTY,
    ...mounts.map((mount) => ({ ...mount, type: 'bind', options: ['ro', 'rbind', 'nosuid', 'nodev'] })),
  ],
  linux: { namespaces: NAMESPACES.map((type) => ({ type })) },
})
