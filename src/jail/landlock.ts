import type { Ground } from './ground.ts'
import { type Bounds, type JailedCommand, launcherCommand, type NodeCommand } from './launcher.ts'

/** The broker's pipe is descriptor 3; nothing else is left open. */
const KEEP = ['--keep', '3']
/** What Node opens for want of a configuration file of its own. */
const NULL_DEVICE = '/dev/null'

/** Node behind Landlock and seccomp: for machines that refuse namespaces, as containers do by default. */
export const landlockCommand = (ground: Ground, perl: string, node: NodeCommand, bounds: Bounds): JailedCommand => {
  const { files, prefix } = ground
  const folders = [...files.own, ...files.packages.map(({ real }) => real)]
  const rules = [
    '--execute',
    `${prefix}${files.node}`,
    ...files.libraries.flatMap((path) => ['--execute', path]),
    ...folders.flatMap((path) => ['--read', `${prefix}${path}`]),
    '--read',
    NULL_DEVICE,
  ]
  return filtered(ground, [...launcherCommand(perl, bounds), ...rules], node)
}

/** Node behind seccomp alone: files can be read, but nothing can be started, reached or signalled. */
export const seccompCommand = (ground: Ground, perl: string, node: NodeCommand, bounds: Bounds): JailedCommand =>
  filtered(ground, launcherCommand(perl, bounds), node)

const filtered = (
  { files, prefix, filter }: Ground,
  launcher: readonly string[],
  node: NodeCommand,
): JailedCommand => ({
  command: [
    ...launcher,
    ...KEEP,
    '--filter',
    filter.toString('hex'),
    '--',
    `${prefix}${files.node}`,
    ...node.flags,
    `${prefix}${node.entry}`,
    ...node.args,
  ],
  reportsPid: false,
})
