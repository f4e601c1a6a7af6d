import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { withoutPaths } from '../core/without-paths.ts'
import type { ControlGroup } from '../jail/control-group.ts'
import type { Jail } from '../jail/find-jail.ts'
import type { Bounds } from '../jail/launcher.ts'
import type { OuterRuntime } from '../jail/outer-runtime.ts'
import { joinPipes, PIPE_FD, type Transport } from '../jail/pipe.ts'
import { announceBirth } from './births.ts'
import { offerToOomKiller } from './oom-score.ts'
import { canRun, cpuMs, residentBytes } from './process-usage.ts'

/** How a child is started. */
export interface ChildPlan {
  /** A command that runs the rest; empty for none. Not used where there is a jail or a runtime. */
  readonly prefix: readonly string[]
  /** The operator's own runtime it runs in, and what it may use there. */
  readonly outer?: { readonly runtime: OuterRuntime; readonly bounds: Bounds }
  /** The control group that it joins by its bounds. */
  readonly group?: ControlGroup
  /** The jail it runs in, and what it may use there. */
  readonly jailed?: { readonly jail: Jail; readonly bounds: Bounds }
  /** Flags of Node itself. */
  readonly nodeFlags: readonly string[]
  readonly entry: URL
  readonly args: readonly string[]
}

/** A child process and the pipe to it. Owns the process: `end` is the only way it dies by us. */
export interface Child {
  /** The process in which Node runs, which a jail may have started in its turn. */
  readonly pid: number
  readonly pipe: Duplex
  /** Resolves with the cause once the process is gone, however it went. */
  readonly gone: Promise<string>
  /** Kills the process and all that belongs to it; resolves once it is gone. */
  end(): Promise<void>
  /** Kills it as `end` does; resolves once nothing of it runs, which can be seen before its memory is cleared away. */
  stop(): Promise<void>
  /** Physical memory it holds; undefined where `/proc` does not tell, and where a runtime hides the process. */
  residentBytes(): number | undefined
  /** CPU time of all its threads, in steps of 10 ms; undefined where the other is. */
  cpuMs(): number | undefined
}

/** The operating system refused to start a process: it is out of descriptors, of memory, or of processes. */
export class NotStarted extends Error {
  /** What the operating system said. Never rejects. */
  readonly why: Promise<string>

  constructor(why: Promise<string>) {
    super('the process did not start')
    this.why = why.catch(String)
  }
}

/** As much of a child's last words as goes into an error. */
const MAX_STDERR = 2000
/** Where a jail that starts another process tells which. */
const STATUS_FD = 4
const MAX_STATUS = 4096
/** Whoever shares the child's streams dies with it, so that they close at once; a prefix's own children might not. */
const CLOSE_PATIENCE_MS = 1000

/**
 * Starts a child with an empty environment, no inherited descriptors, a process group of its own, and one plain pipe;
 * never Node's `ipc` channel, through which a hostile child can crash its parent or fill its memory.
 * Throws when the operating system refuses to start it.
 */
export const spawnChild = (plan: ChildPlan): Child => {
  const { command, reportsPid, transport, release } = commandOf(plan)
  const [program, ...args] = command
  if (program === undefined) throw new Error('there is no command')
  const subprocess = execa(program, args, {
    env: {},
    extendEnv: false,
    cwd: '/',
    detached: true,
    buffer: false,
    reject: false,
    stdio:
      transport === 'stdio'
        ? ['pipe', 'pipe', 'pipe']
        : ['ignore', 'ignore', 'pipe', 'pipe', ...(reportsPid ? (['pipe'] as const) : [])],
  })
  subprocess.catch(() => {})
  const node = subprocess.nodeChildProcess
  const { pid } = node
  const pipe = transport === 'stdio' ? standardPipe(node) : node.stdio[PIPE_FD]
  const refusal = (): Promise<string> => subprocess.then(({ originalMessage }) => originalMessage ?? '')
  if (pid === undefined || !isDuplex(pipe)) {
    release()
    throw new NotStarted(refusal())
  }
  offerToOomKiller(pid)
  const inner = readPid(node.stdio[STATUS_FD], pid)
  const lastWords = keepLastWords(node.stderr)
  const gone = endOf(node, lastWords)
  void gone.then(release)
  announceBirth({ group: pid, gone })
  return {
    get pid() {
      return inner()
    },
    pipe,
    gone,
    end: () => endAll(pid, inner(), gone),
    stop: () => (plan.jailed === undefined ? endAll : stopAll)(pid, inner(), gone),
    // What is started where the transport is `stdio` is a runtime's client, whose own figures say nothing of the child.
    residentBytes: () => (transport === 'stdio' ? heldIn(plan.group) : residentBytes(inner())),
    cpuMs: () => (transport === 'stdio' ? undefined : cpuMs(inner())),
  }
}

/** Resolves with the cause once a process is gone, and its streams with it. */
const endOf = (node: ChildProcess, lastWords: () => string): Promise<string> =>
  new Promise<string>((resolve) => {
    node.once('exit', (code, signal) => {
      const leave = (): void => resolve(causeOf(code, signal, lastWords()))
      setTimeout(leave, CLOSE_PATIENCE_MS).unref()
      // The end of the jail's own process can come before that of the child in it, which has this stream too.
      if (node.stderr === null || node.stderr.closed) leave()
      else node.stderr.once('close', leave)
    })
    node.once('error', (error) => resolve(withoutPaths(error.message)))
  })

interface Composed {
  readonly command: readonly string[]
  readonly reportsPid: boolean
  readonly transport: Transport
  readonly release: () => void
}

const commandOf = (plan: ChildPlan): Composed => {
  const { prefix, jailed, outer, nodeFlags: flags, args } = plan
  const entry = fileURLToPath(plan.entry)
  const node = { flags, entry, args }
  const plain = { reportsPid: false, transport: 'descriptor', release: () => {} } as const
  if (jailed !== undefined) return { ...plain, ...jailed.jail.confine(node, jailed.bounds) }
  if (outer === undefined) return { ...plain, command: [...prefix, process.execPath, ...flags, entry, ...args] }
  const started = outer.runtime.start(node, outer.bounds)
  return { ...plain, command: started.command, transport: outer.runtime.transport, release: () => started.release() }
}

const heldIn = (group: ControlGroup | undefined): number | undefined => {
  try {
    return group?.heldBytes()
  } catch {
    // ENOENT: it has gone with its child.
    return undefined
  }
}

const standardPipe = ({ stdin, stdout }: ChildProcess): Duplex | undefined =>
  stdin === null || stdout === null ? undefined : joinPipes(stdout, stdin)

const isDuplex = (stream: unknown): stream is Duplex =>
  typeof stream === 'object' && stream !== null && 'write' in stream && 'read' in stream

/** The process started, until the jail has told which one Node is. Only the jail itself can write there, not what is in it. */
const readPid = (stream: unknown, started: number): (() => number) => {
  let told = ''
  let pid = started
  if (isDuplex(stream)) {
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => {
      if (pid !== started || told.length > MAX_STATUS) return
      told += chunk.toString('latin1')
      pid = Number(/"child-pid": *(\d+)/.exec(told)?.[1] ?? started)
      if (pid !== started) offerToOomKiller(pid)
    })
  }
  return () => pid
}

const keepLastWords = (stderr: NodeJS.ReadableStream | null): (() => string) => {
  let words = ''
  stderr?.on('data', (chunk: Buffer) => {
    words = `${words}${chunk.toString('latin1')}`.slice(-MAX_STDERR)
  })
  return () => words
}

/** bubblewrap and shells answer this much more than the number of the signal that ended what they started. */
const SIGNAL_BASE = 128
const TELLING = /ringfence-jail|bwrap|fatal|error|abort|out of memory/i

const causeOf = (code: number | null, signal: string | null, lastWords: string): string => {
  const by = signal ?? signalOf(code ?? 0)
  const how = by === undefined ? `exited with code ${code}` : `was ended by ${by}`
  // What the kernel sends whoever makes a call that no program of ours makes: see the filter in jail/seccomp.ts.
  if (by === 'SIGSYS') return `its process ${how}: it made a system call that its jail forbids`
  const telling = lastWords.split('\n').find((line) => TELLING.test(line))
  return telling === undefined
    ? `its process ${how}`
    : `its process ${how}: ${withoutPaths(telling).trim().slice(0, 200)}`
}

const signalOf = (code: number): string | undefined =>
  Object.entries(constants.signals).find(([, number]) => SIGNAL_BASE + number === code)?.[0]

/** How long a jail's own process may take to follow the child it watches. */
const FOLLOW_MS = 250

/**
 * Kills the process group. Where a jail's process stands before the child's, the child goes first and its jail follows:
 * it takes leave of the child in the kernel's table, which otherwise falls to the first process of the system, and in a
 * container that may be a broker that never does.
 */
const endAll = async (started: number, inner: number, gone: Promise<string>): Promise<void> => {
  if (inner === started) {
    kill(-started)
    await gone
    return
  }
  kill(inner)
  const patience = setTimeout(() => kill(-started), FOLLOW_MS)
  await gone
  clearTimeout(patience)
}

/** How often a killed process is looked at. */
const LOOK_EVERY_MS = 1

/**
 * Kills as `endAll` does, and waits no longer than for the last thread to stop, where `/proc` shows that. Nothing in a jail
 * can start a second process, so that the one we know is all there is.
 */
const stopAll = async (started: number, inner: number, gone: Promise<string>): Promise<void> => {
  const isVisible = canRun(inner)
  const ended = endAll(started, inner, gone)
  if (!isVisible) return ended
  const isGone = ended.then(() => true)
  while (canRun(inner)) if (await Promise.race([isGone, pause(LOOK_EVERY_MS, false)])) return
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ESRCH: it is gone already, which is what was wanted.
  }
}
