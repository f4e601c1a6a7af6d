import { RingfenceError } from '../../core/errors.ts'
import { type IsolationReport, NO_ISOLATION } from '../../core/isolation.ts'
import type { Guest, Sandbox, Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import type { ChildPlan } from '../child.ts'
import { DIE_WITH_PARENT } from '../die-with-parent.ts'
import { entryUrl } from '../entry-url.ts'
import { hostStats, type IsolateHost, startHost } from '../isolate-host.ts'
import { PERMISSION_FLAGS } from '../permission.ts'
import type { Relay } from '../relay.ts'

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
/** The child's own heap, which serves one pipe. The guest's is an isolate's and has its own limit. */
const CHILD_HEAP_MB = 96

/** How children of the process tier are started. */
export interface ProcessTierOptions {
  /** A command that confines what follows it, such as a container runtime; empty for none. */
  readonly commandPrefix?: readonly string[]
  /** Children kept ready for the next guest. */
  readonly spares?: number
}

/** A child and what it is used for. */
interface Seat extends IsolateHost {
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
  readonly #plan: ChildPlan
  readonly #wanted: number
  readonly #spares: Promise<Seat>[] = []
  readonly #hosts = new Map<Relay, Seat>()
  #watch: NodeJS.Timeout | undefined
  #refill: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ProcessTierOptions) {
    this.#plan = planOf(options.commandPrefix ?? [])
    this.#wanted = options.spares ?? 1
  }

  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    signal.throwIfAborted()
    const seat = await this.#take()
    seat.guest = guest
    return seat.relay.open(guest, signal)
  }

  isolation(): Promise<IsolationReport> {
    return Promise.resolve(NO_ISOLATION)
  }

  carriers(): ReturnType<Tier['carriers']> {
    return [...this.#hosts.values()].map(hostStats)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    clearTimeout(this.#refill)
    await Promise.allSettled(this.#spares)
    await Promise.all([...this.#hosts.values()].map(({ child }) => child.end()))
  }

  /** A spare if one lives, else a new child. */
  async #take(): Promise<Seat> {
    if (this.#closed) throw new RingfenceError('RF_CARRIER_FAILED', 'Cannot open sandbox: the process tier is closed')
    const host = await (this.#spares.shift() ?? this.#start())
    this.#refill ??= setTimeout(() => this.#fill(), REFILL_AFTER_MS)
    return host.relay.cause === undefined ? host : this.#take()
  }

  #fill(): void {
    this.#refill = undefined
    while (!this.#closed && this.#spares.length < this.#wanted) this.#spares.push(this.#start())
  }

  #start(): Promise<Seat> {
    const starting = startHost(this.#plan, true, (relay) => this.#hosts.delete(relay)).then((host) => {
      const seat: Seat = { ...host, guest: undefined, cpuBefore: host.child.cpuMs(), call: undefined }
      this.#hosts.set(host.relay, seat)
      if (this.#closed) void host.child.end()
      this.#watch ??= setInterval(() => this.#look(), WATCH_EVERY_MS).unref()
      return seat
    })
    starting.catch(() => {})
    return starting
  }

  #look(): void {
    for (const host of this.#hosts.values()) {
      if (host.relay.busy > 0) measureBusy(host)
      else rest(host)
    }
  }
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
  const { relay, child, baselineBytes, guest } = seat
  const cpuMs = child.cpuMs()
  // Between two looks one call may have followed another: what the child had used by then is not this call's.
  if (seat.call !== relay.calls && seat.call !== undefined) seat.cpuBefore = cpuMs
  seat.call = relay.calls
  if (cpuMs !== undefined && seat.cpuBefore !== undefined) relay.measure({ cpuMs: cpuMs - seat.cpuBefore })
  const grown = (child.residentBytes() ?? 0) - baselineBytes
  if (guest === undefined || grown <= 2 * guest.limits.memoryBytes + MEMORY_HEADROOM_BYTES) return
  relay.exceed('memoryBytes')
  void child.end()
}

const planOf = (prefix: readonly string[]): ChildPlan => {
  const nodeFlags = [...PERMISSION_FLAGS, `--max-old-space-size=${CHILD_HEAP_MB}`]
  // Behind a prefix the child's parent is somebody else, so the child itself has to see the broker die.
  const signalled = prefix.length === 0 && DIE_WITH_PARENT.length > 0
  const turns = signalled ? 'blocking' : 'threaded'
  const entry = entryUrl('process/entry')
  return { prefix: signalled ? DIE_WITH_PARENT : prefix, nodeFlags, entry, args: [turns] }
}
