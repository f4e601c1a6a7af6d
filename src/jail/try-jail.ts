import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import type { Readable } from 'node:stream'
import type { JailedCommand, NodeCommand } from './launcher.ts'

/** Enough for any machine; a jail whose limits are wrong may hang Node at its start. */
const PATIENCE_MS = 10_000
const NODE: NodeCommand = { flags: ['--version'], entry: '', args: [] }
const MAX_CAUSE = 200

/** The cause where Node said nothing in time: the jail hangs, or the machine has been too busy to start anything. */
export const OVERDUE = 'ETIMEDOUT: Node did not start in it in time'

/** Something that can be tried: what a jail makes of a command line of Node. */
interface Confines {
  confine(node: NodeCommand, bounds: Record<string, never>): JailedCommand
}

/**
 * Starts Node in a jail and lets it say its version. Answers the cause when it cannot: what the jail's tools said, not
 * just that they are there, since many a container has bubblewrap and refuses what it does.
 */
export const tryJail = async (jail: Confines, patienceMs: number = PATIENCE_MS): Promise<string | undefined> => {
  const [command = '', ...args] = jail.confine(NODE, {}).command
  const child = spawn(command, args, {
    env: {},
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  const said = heard(child.stdout)
  const complained = heard(child.stderr)
  const endGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // ESRCH: everybody is gone already, as is usual.
    }
  }
  const { promise: overdue, resolve: giveUp } = Promise.withResolvers<typeof OVERDUE>()
  const patience = setTimeout(() => {
    endGroup()
    // Somebody who left the group may still have the streams, and would be waited for without an end.
    for (const stream of child.stdio) stream?.destroy()
    giveUp(OVERDUE)
  }, patienceMs)
  try {
    if ((await Promise.race([once(child, 'close'), overdue])) === OVERDUE) return OVERDUE
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(patience)
    endGroup()
  }
  if (said().trim() === process.version) return undefined
  const cause = complained().trim().split('\n').at(-1)?.slice(0, MAX_CAUSE)
  return cause === undefined || cause === '' ? 'Node did not start in it' : cause
}

const heard = (stream: Readable | null): (() => string) => {
  let all = ''
  stream?.on('data', (chunk: Buffer) => {
    all = `${all}${chunk.toString('latin1')}`.slice(-MAX_CAUSE * 10)
  })
  return () => all
}
