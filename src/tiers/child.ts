import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

/** How a child is started. A later jail is a `prefix`: a command that applies its layers and then runs the rest. */
export interface ChildPlan {
  readonly prefix: readonly string[]
  /** Flags of Node itself. */
  readonly nodeFlags: readonly string[]
  readonly entry: URL
  readonly args: readonly string[]
}

/** A child process and the pipe to it. Owns the process: `end` is the only way it dies by us. */
export interface Child {
  readonly pid: number
  readonly pipe: Duplex
  /** Resolves with the cause once the process is gone, however it went. */
  readonly gone: Promise<string>
  /** Kills the whole process group; resolves once the process is gone. */
  end(): Promise<void>
  /** Physical memory it holds; undefined where `/proc` does not tell. */
  residentBytes(): number | undefined
  /** CPU time of all its threads, in steps of 10 ms; undefined where `/proc` does not tell. */
  cpuMs(): number | undefined
}

/** As much of a child's last words as goes into an error. */
const MAX_STDERR = 2000
const PAGE_BYTES = 4096
/** What `/proc` counts CPU time in; 100 a second on every Linux that Node runs on. */
const TICK_MS = 10
/** The protocol's descriptor: never standard output, on which V8 itself can print a guest's text. */
const PIPE_FD = 3

/**
 * Starts a child with an empty environment, no inherited descriptors, a process group of its own, and one plain pipe;
 * never Node's `ipc` channel, through which a hostile child can crash its parent or fill its memory.
 * Throws when the operating system refuses to start it.
 */
export const spawnChild = (plan: ChildPlan): Child => {
  const nodeCommand = [process.execPath, ...plan.nodeFlags, fileURLToPath(plan.entry), ...plan.args]
  const [command, ...args] = [...plan.prefix, ...nodeCommand]
  if (command === undefined) throw new Error('there is no command')
  const subprocess = execa(command, args, {
    env: {},
    extendEnv: false,
    cwd: '/',
    detached: true,
    buffer: false,
    reject: false,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const node = subprocess.nodeChildProcess
  const { pid } = node
  const pipe = node.stdio[PIPE_FD]
  if (pid === undefined || !isDuplex(pipe)) throw new Error('the process did not start')
  let lastWords = ''
  node.stderr?.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString('latin1')}`.slice(-MAX_STDERR)
  })
  const gone = new Promise<string>((resolve) => {
    node.once('exit', (code, signal) => resolve(causeOf(code, signal, lastWords)))
    node.once('error', (error) => resolve(error.message))
  })
  subprocess.catch(() => {})
  return {
    pid,
    pipe,
    gone,
    end: () => endGroup(pid, gone),
    residentBytes: () => residentBytes(pid),
    cpuMs: () => cpuMs(pid),
  }
}

const isDuplex = (stream: unknown): stream is Duplex =>
  typeof stream === 'object' && stream !== null && 'write' in stream && 'read' in stream

const causeOf = (code: number | null, signal: string | null, lastWords: string): string => {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
  const fatal = lastWords.split('\n').find((line) => /fatal|error|abort|out of memory/i.test(line))
  return fatal === undefined ? `its process ${how}` : `its process ${how}: ${fatal.trim().slice(0, 200)}`
}

const endGroup = async (pid: number, gone: Promise<string>): Promise<void> => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: it is gone already, which is what was wanted.
  }
  await gone
}

const residentBytes = (pid: number): number | undefined => {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
    return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined
  } catch {
    // No /proc on this system, or the process is gone.
    return undefined
  }
}

/** Fields 14 and 15 of `stat`; the second, a name in brackets, may hold spaces. */
const cpuMs = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return Number.isFinite(ticks) ? ticks * TICK_MS : undefined
  } catch {
    // No /proc on this system, or the process is gone.
    return undefined
  }
}
