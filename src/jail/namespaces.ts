import type { Ground } from './ground.ts'
import { type Bounds, type JailedCommand, launcherCommand, type NodeCommand } from './launcher.ts'

/** The broker's pipe, and the one on which bubblewrap tells the child's process id. */
const KEEP = ['--keep', '4']
const PID_FD = '4'
/** Whoever asks inside is told this user, whichever it is outside. */
const INNER_USER = '65534'

/**
 * What holds for every child: nothing shared, no /proc (with it the environment of bubblewrap itself could be read),
 * nobody left when bubblewrap or the broker dies, and Node as the first process, so that its end is everybody's.
 */
const WALLS: readonly string[] = [
  '--unshare-all',
  '--die-with-parent',
  '--as-pid-1',
  '--cap-drop',
  'ALL',
  '--clearenv',
  '--uid',
  INNER_USER,
  '--gid',
  INNER_USER,
  '--json-status-fd',
  PID_FD,
]

/**
 * What the namespaces are given for a host's name, so that the true one is not told to whoever asks. The profile of some
 * container engines allows namespaces and refuses this: there the children see the container's name, behind the same walls.
 */
export const HOST_NAMES: readonly (readonly string[])[] = [['--hostname', 'sandbox'], []]

const bind = (from: string, to: string): readonly string[] => ['--ro-bind', from, to]

/** Node in namespaces of its own, with a root that holds nothing but what it reads, behind seccomp. */
export const namespacesCommand = (
  { files, prefix, filter }: Ground,
  tools: { readonly perl: string; readonly bwrap: string; readonly hostName: readonly string[] },
  node: NodeCommand,
  bounds: Bounds,
): JailedCommand => {
  const links = files.packages.filter(({ link, real }) => link !== real)
  const root = [
    ...bind(`${prefix}${files.node}`, files.node),
    ...files.libraries.flatMap((path) => bind(path, path)),
    ...files.own.flatMap((path) => bind(`${prefix}${path}`, path)),
    ...files.packages.flatMap(({ real }) => bind(`${prefix}${real}`, real)),
    ...links.flatMap(({ link, real }) => ['--symlink', real, link]),
    '--dev-bind',
    '/dev/null',
    '/dev/null',
    '--remount-ro',
    '/',
    '--chdir',
    '/',
  ]
  return {
    command: [
      ...launcherCommand(tools.perl, bounds),
      ...KEEP,
      '--pass-filter',
      filter.toString('hex'),
      '--',
      tools.bwrap,
      ...WALLS,
      ...tools.hostName,
      ...root,
      '--seccomp',
      'FILTER',
      '--',
      files.node,
      ...node.flags,
      node.entry,
      ...node.args,
    ],
    reportsPid: true,
  }
}
