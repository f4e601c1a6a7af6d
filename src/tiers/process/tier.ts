import { RingfenceError } from '../../core/errors.ts'
import type { IsolationReport } from '../../core/isolation.ts'
import { DEFAULT_LIMITS } from '../../core/limits.ts'
import { rememberSuccess } from '../../core/remember-success.ts'
import type { Guest, Sandbox, Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import type { JailChoice } from '../../jail/find-jail.ts'
import type { Transport } from '../../jail/pipe.ts'
import type { Child, ChildPlan } from '../child.ts'
import { CrashLoop } from '../crash-loop.ts'
import { entryUrl } from '../entry-url.ts'
import { hostStats, type IsolateHost, startHost } from '../isolate-host.ts'
import { observeWall } from '../observe-wall.ts'
import { PERMISSION_FLAGS } from '../permission.ts'
import type { Relay } from '../relay.ts'
import {
  behind,
  foreignWall,
  type RuntimeName,
  runtimeWall,
  SERVING_PACKAGES,
  type Wall,
  wallOf,
  withGroups,
} from '../wall.ts'
import { boundsFor, CHILD_HEAP_MB } from './bounds.ts'

const TRAITS: Traits = {
  boundary: 'process',
  memory: 'enforced',
  cpu: 'metered',
  preemptible: true,
  stopsBuiltins: true,
  syncFunctions: true,
}

/** What a child may hold beyond its guest's own limit: the isolate's bookkeeping, and garbage not collected yet. */
const MEMORY_HEADROOM_BYTES = 128 * 1024 * 1024
/** Starting a child takes both time and a core; the guest that just took the spare goes first. */
const REFILL_AFTER_MS = 5
const WATCH_EVERY_MS = 10
/** How children of the process tier are started. */
export interface ProcessTierOptions {
  /** A command that confines what follows it, such as a container runtime; empty for none. */
  readonly commandPrefix?: readonly string[]
  /** How the protocol passes through that command: `stdio` where it hands on no descriptor above 2. */
  readonly transport?: Transport
  /** A runtime that is started in its own way instead. Not together with a command prefix or a jail. */
  readonly runtime?: RuntimeName
  /** The jail of each child: the strongest that works here when not given. Not together with a command prefix. */
  readonly jail?: JailChoice
  /** A control group delegated to this process, below which each child gets one with a limit of memory. */
  readonly cgroup?: string
  /** Children kept ready for the next guest. */
  readonly spares?: number
}

/** A child and what it is used for. */
interface Seat extends IsolateHost {
  /** The largest memory limit of a guest that fits into its bounds. */
  readonly fitsBytes: number
  /** Absent while it is a spare. */
  guest: Guest | undefined
  /** The child's CPU time when its call began, as far as that was seen. */
  cpuBefore: number | undefined
  /** Which call was under way at the last look; absent when none was. */
  call: number | undefined
}

/** One locked-down child process for each sandbox, with an isolate inside. Killing the guest is killing the process group. */
export const processTier = (options: ProcessTierOptions = {}): Tier => new ProcessTier(options)

class ProcessTier implements Tier {
  readonly id = 'process'
  readonly traits: Traits = TRAITS
  readonly #wanted: number
  readonly #findWall: () => Promise<Wall>
  /** What spares must fit: the largest limit of any guest so far. */
  #fitsBytes = DEFAULT_LIMITS.hostile.memoryBytes
  readonly #spares: Promise<Seat>[] = []
  readonly #hosts = new Map<Relay, Seat>()
  /** Those whose process is there, be it only to be cleared away. */
  readonly #children = new Set<Child>()
  readonly #loop = new CrashLoop('children of the process tier')
  #watch: NodeJS.Timeout | undefined
  #refill: NodeJS.Timeout | undefined
  #economic = false
  #closed = false

  constructor(options: ProcessTierOptions) {
    this.#findWall = rememberSuccess(() => findWall(options))
    this.#wanted = options.spares ?? 1
  }

  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    signal.throwIfAborted()
    this.#fitsBytes = Math.max(this.#fitsBytes, guest.limits.memoryBytes)
    const seat = await this.#take()
    seat.guest = guest
    seat.group?.limit(ceilingOf(seat, guest))
    const sandbox = await seat.relay.open(guest, signal)
    this.#loop.thrived()
    return sandbox
  }

  isolation(): Promise<IsolationReport> {
    // Whoever asks is about to open a sandbox: a child starts while the wall is looked at.
    if (this.#children.size === 0) this.#fill()
    return observeWall(this.#findWall(), 'exclusive')
  }

  economise(on: boolean): void {
    this.#economic = on
    if (on) for (const spare of this.#spares.splice(0)) spare.then(({ child }) => child.end()).catch(() => {})
    else if (this.#hosts.size > 0) this.#fill()
  }

  carriers(): ReturnType<Tier['carriers']> {
    return [...this.#hosts.values()].map(hostStats)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    clearTimeout(this.#refill)
    await Promise.allSettled(this.#spares)
    await Promise.all(Array.from(this.#children, (child) => child.end()))
  }

  /** A spare if one lives, else a new child. */
  async #take(): Promise<Seat> {
    if (this.#closed) throw new RingfenceError('RF_CARRIER_FAILED', 'Cannot open sandbox: the process tier is closed')
    const seat = await (this.#spares.shift() ?? this.#start())
    this.#refill ??= setTimeout(() => this.#fill(), REFILL_AFTER_MS)
    if (seat.relay.cause !== undefined) this.#loop.failed(seat.relay.cause)
    else if (seat.fitsBytes >= this.#fitsBytes) return seat
    void seat.child.end()
    return this.#take()
  }

  #fill(): void {
    this.#refill = undefined
    const wanted = this.#economic ? 0 : this.#wanted
    while (!this.#closed && this.#spares.length < wanted) this.#spares.push(this.#start())
  }

  #start(): Promise<Seat> {
    const starting = this.#loop.start(() => this.#startFor(this.#fitsBytes))
    // A spare that did not start is none: whoever comes next should not be told of an old cause.
    starting.catch(() => removeFrom(this.#spares, starting))
    return starting
  }

  async #startFor(fitsBytes: number): Promise<Seat> {
    const plan = planOf(await this.#findWall(), fitsBytes)
    const host = await startHost(plan, true, (relay) => this.#hosts.delete(relay))
    const seat: Seat = { ...host, fitsBytes, guest: undefined, cpuBefore: host.child.cpuMs(), call: undefined }
    if (host.relay.cause === undefined) this.#hosts.set(host.relay, seat)
    this.#children.add(host.child)
    void host.child.gone.then(() => this.#children.delete(host.child))
    if (this.#closed) void host.child.end()
    this.#watch ??= setInterval(() => this.#look(), WATCH_EVERY_MS).unref()
    return seat
  }

  #look(): void {
    for (const host of this.#hosts.values()) {
      if (host.relay.busy > 0) measureBusy(host)
      else rest(host)
    }
  }
}

const findWall = ({ commandPrefix = [], transport, runtime, jail, cgroup }: ProcessTierOptions): Promise<Wall> => {
  if (runtime !== undefined) return withGroups(runtimeWall(runtime, SERVING_PACKAGES), cgroup)
  if (commandPrefix.length > 0) return Promise.resolve(foreignWall(commandPrefix, transport))
  return withGroups(wallOf(jail ?? 'auto', SERVING_PACKAGES), cgroup)
}

const removeFrom = <T>(list: T[], item: T): void => {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
}

const rest = (seat: Seat): void => {
  seat.call = undefined
  seat.cpuBefore = seat.child.cpuMs()
}

/**
 * Measures a child from outside while its guest has its only thread. The isolate's own limit misses what lies outside
 * its heap; the operating system's figure does not.
 */
const measureBusy = (seat: Seat): void => {
  const { relay, child, guest } = seat
  const cpuMs = child.cpuMs()
  // Between two looks one call may have followed another: what the child had used by then is not this call's.
  if (seat.call !== relay.calls && seat.call !== undefined) seat.cpuBefore = cpuMs
  seat.call = relay.calls
  if (cpuMs !== undefined && seat.cpuBefore !== undefined) relay.measure({ cpuMs: cpuMs - seat.cpuBefore })
  if (guest === undefined || (child.residentBytes() ?? 0) <= ceilingOf(seat, guest)) return
  relay.exceed('memoryBytes')
  void child.end()
}

/** The most memory of all kinds that a child may hold with this guest in it. */
const ceilingOf = ({ baselineBytes }: Seat, { limits }: Guest): number =>
  baselineBytes + 2 * limits.memoryBytes + MEMORY_HEADROOM_BYTES

const planOf = (wall: Wall, memoryBytes: number): ChildPlan => ({
  ...behind(wall, boundsFor(memoryBytes)),
  nodeFlags: [...PERMISSION_FLAGS, `--max-old-space-size=${CHILD_HEAP_MB}`],
  entry: entryUrl('process/entry'),
  args: [wall.diesWithParent ? 'blocking' : 'threaded'],
})
