import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { findJail, type JailKind } from '../../src/jail/find-jail.ts'
import type { Bounds } from '../../src/jail/launcher.ts'
import type { Ended } from './as-user.ts'

const PATIENCE_MS = 20_000
const FLAGS = ['--no-warnings', '--openssl-config=/dev/null', '-e']

/** Runs JavaScript in a jail as a guest would that has the whole of Node in its hands: no isolate, no permission model. */
export async function runInJail(kind: JailKind, code: string, bounds: Bounds = {}): Promise<Ended> {
  const { jail, missing } = await findJail(kind, [])
  if (jail === undefined) throw new Error(`there is no jail "${kind}" here: ${JSON.stringify(missing)}`)
  const [command = '', ...args] = jail.confine({ flags: [...FLAGS, code], entry: '', args: [] }, bounds).command
  const child = spawn(command, args, {
    env: {},
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (exit, signal) => resolve(signal === 'SIGSYS' ? 159 : exit))
  })
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (stream === null ? '' : text(stream))),
  )
  return { stdout: stdout ?? '', stderr: stderr ?? '', code: await ended }
}
