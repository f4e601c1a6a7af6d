import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** What a jailed child may use of the machine, besides what its jail fixes for all. */
export interface Bounds {
  /** Private memory of all kinds, counting the half gigabyte of addresses that V8 reserves for each isolate's code. */
  readonly dataBytes?: number
  readonly cpuSeconds?: number
  /** Files of control groups that list processes; the child joins each. */
  readonly groups?: readonly string[]
}

/** Node's own command line, without Node. */
export interface NodeCommand {
  readonly flags: readonly string[]
  readonly entry: string
  readonly args: readonly string[]
}

/** A command that runs Node in a jail. */
export interface JailedCommand {
  readonly command: readonly string[]
  /** Whether the child is another process than the one started, and is told on descriptor 4. */
  readonly reportsPid: boolean
}

/** Numbers of resource limits, the same on every architecture of Linux that Node runs on. */
const LIMIT_CPU = 0
const LIMIT_FILE_SIZE = 1
const LIMIT_DATA = 2
const LIMIT_CORE = 4
const LIMIT_PROCESSES = 6
const LIMIT_OPEN_FILES = 7

/** Node needs 21 and hangs or aborts with fewer. */
const MAX_OPEN_FILES = 64
/** Threads, since processes are forbidden; counted for all of a user, so only where each child is a user of its own. */
const MAX_THREADS = 512

/** Users that systemd's list of user ids leaves to nobody; root's children get one each, in turn. */
const FIRST_USER = 60_578
const USERS = 600
let started = 0

const LAUNCHER = fileURLToPath(new URL('launch.pl', import.meta.url))

/** The launcher and what it is told for every jail; the jail's own options, `--` and the command come after it. */
export const launcherCommand = (perl: string, { dataBytes, cpuSeconds, groups = [] }: Bounds): readonly string[] => {
  const isRoot = process.getuid?.() === 0
  const limits: readonly (readonly [resource: number, value: number | undefined])[] = [
    [LIMIT_CORE, 0],
    [LIMIT_FILE_SIZE, 0],
    [LIMIT_OPEN_FILES, MAX_OPEN_FILES],
    [LIMIT_PROCESSES, isRoot ? MAX_THREADS : undefined],
    [LIMIT_DATA, dataBytes],
    [LIMIT_CPU, cpuSeconds],
  ]
  return [
    perl,
    LAUNCHER,
    '--parent',
    String(process.pid),
    ...groups.flatMap((list) => ['--cgroup', list]),
    ...limits.flatMap(([resource, value]) => (value === undefined ? [] : ['--limit', `${resource}:${value}`])),
    ...(isRoot ? ['--user', String(nextUser())] : []),
  ]
}

const nextUser = (): number => {
  const user = FIRST_USER + ((process.pid + started) % USERS)
  started += 1
  return user
}
