import process from 'node:process'
import type { Bounds, NodeCommand } from './launcher.ts'
import { type Transport, TWO_DESCRIPTORS } from './pipe.ts'

/** A command that runs Node in somebody else's sandbox. */
export interface OuterCommand {
  readonly command: readonly string[]
  /** Gives back what it took to start it; called once the child is gone. */
  release(): void
}

/**
 * An outer runtime: a program of the operator's that runs a command in a sandbox of its own, such as gVisor, a container
 * engine or a microVM. What it claims counts for nothing: the level is what the canary was denied in it.
 */
export interface OuterRuntime {
  /** Its layer in receipts. */
  readonly name: string
  /** The same for runtimes that make the same wall, so that it is looked at once. */
  readonly identity: string
  readonly transport: Transport
  /** Whether its guests are said to meet another kernel than the host's. */
  readonly claimsOwnKernel: boolean
  /** Whether what it runs stays among the processes that it was started by, so that it is in their control group. */
  readonly joinsGroups: boolean
  start(node: NodeCommand, bounds: Bounds): OuterCommand
}

/**
 * A command of the operator's in front of Node's own. Inside, Node and this package have to be at the paths that they
 * have outside, and with the transport `stdio` also `/bin/sh` and `/usr/bin/env`.
 */
export const prefixRuntime = (prefix: readonly string[], transport: Transport): OuterRuntime => ({
  name: 'command-prefix',
  identity: `${transport} ${prefix.join(' ')}`,
  transport,
  claimsOwnKernel: false,
  joinsGroups: false,
  start: (node, bounds) => ({
    command: [...prefix, ...nodeBy(transport, process.execPath, node, bounds)],
    release: () => {},
  }),
})

/** Node's command line as a runtime with this transport is to run it. */
export const nodeBy = (
  transport: Transport,
  path: string,
  { flags, entry, args }: NodeCommand,
  bounds: Bounds,
): readonly string[] => {
  const command = [path, ...flags, entry, ...args]
  return transport === 'stdio' ? [...stdioStage(bounds), ...command, TWO_DESCRIPTORS] : command
}

const KIB = 1024

/**
 * What stands before Node where the protocol comes through standard input and output: they become descriptors 3 and 4,
 * and what Node has in their place leads nowhere. V8 prints what guests say on standard output (a fatal error, a trace),
 * and whoever could write there could forge answers. Also sets the limits that a shell can set, and leaves Node none of
 * what the runtime put into the environment. A limit that is lower already stays.
 */
const stdioStage = ({ dataBytes, cpuSeconds }: Bounds): readonly string[] => {
  const limits = [
    'ulimit -c 0',
    'ulimit -f 0',
    ...(dataBytes === undefined ? [] : [`ulimit -d ${Math.floor(dataBytes / KIB)}`]),
    ...(cpuSeconds === undefined ? [] : [`ulimit -t ${cpuSeconds}`]),
  ]
  const script = `{ ${limits.join('; ')}; } 2>/dev/null; exec /usr/bin/env -i "$@" 3<&0 4>&1 0</dev/null 1>/dev/null`
  return ['/bin/sh', '-c', script, 'sh']
}
