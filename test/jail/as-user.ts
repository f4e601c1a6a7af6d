import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }
import { isOpenToAll } from '../../src/jail/open-to-all.ts'
import { packageFolders } from '../../src/jail/packages.ts'
import { stage } from '../../src/jail/stage.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const ORDINARY = 1234
const PATIENCE_MS = 60_000

/** Who runs a test program: whoever runs the tests, and, where that is root, an ordinary user too. */
export const USERS: readonly string[] = process.getuid?.() === 0 ? ['root', 'an ordinary user'] : ['an ordinary user']

/** What a program said, and how it ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

let open: Promise<string> | undefined

/** The folder of this checkout as everybody can read it: a copy, where it lies below a folder closed to others. */
const openRoot = async (): Promise<string> => {
  if ((await isOpenToAll(ROOT)) && (await isOpenToAll(process.execPath))) return ''
  return stage({
    node: process.execPath,
    libraries: [],
    own: [`${ROOT}/src`, `${ROOT}/test/jail`, `${ROOT}/package.json`],
    packages: packageFolders(Object.keys(packageJson.dependencies), ROOT),
  })
}

/** The command that runs a program of this folder as that user. */
export async function commandAs(user: string, program: string, args: readonly string[]): Promise<readonly string[]> {
  if (user === 'root' || process.getuid?.() !== 0) return [process.execPath, `${ROOT}/test/jail/${program}`, ...args]
  open ??= openRoot()
  const prefix = await open
  const id = [`--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, '--clear-groups']
  return ['setpriv', ...id, `${prefix}${process.execPath}`, `${prefix}${ROOT}/test/jail/${program}`, ...args]
}

/** Runs a program of this folder as that user, with descriptor 9 left open to `/etc/passwd`. */
export async function runAs(user: string, program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn('sh', ['-c', 'exec 9</etc/passwd; exec "$@"', 'sh', ...(await commandAs(user, program, args))], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, RINGFENCE_TEST_SECRET: 'in the environment' },
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { stdout, stderr, code: await ended }
}
