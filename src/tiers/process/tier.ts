import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RingfenceError } from '../../core/errors.ts'
import type { Guest, Sandbox, Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import type { ChildPlan } from '../child.ts'
import { entryUrl } from '../entry-url.ts'
import { hostStats, type IsolateHost, startHost } from '../isolate-host.ts'
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

/** Part of util-linux: runs a command that the kernel ends when its parent thread dies. */
const SETPRIV = '/usr/bin/setpriv'

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
  /** The child's CPU time when it last had no call under way. */
  idleCpuMs: number | undefined
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
      const seat: Seat = { ...host, guest: undefined, idleCpuMs: host.child.cpuMs() }
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
      else host.idleCpuMs = host.child.cpuMs()
    }
  }
}

/**
 * Measures a child from outside while its guest has its only thread. The isolate's own limit misses what lies outside
 * its heap; the operating system's figure does not.
 */
const measureBusy = ({ relay, child, baselineBytes, guest, idleCpuMs }: Seat): void => {
  const cpuMs = child.cpuMs()
  if (cpuMs !== undefined && idleCpuMs !== undefined) relay.measure({ cpuMs: cpuMs - idleCpuMs })
  const grown = (child.residentBytes() ?? 0) - baselineBytes
  if (guest === undefined || grown <= 2 * guest.limits.memoryBytes + MEMORY_HEADROOM_BYTES) return
  relay.exceed('memoryBytes')
  void child.end()
}

/** Node's permission model costs nothing and is never counted as a wall; the rights to load are dropped after loading. */
const planOf = (prefix: readonly string[]): ChildPlan => {
  const entry = entryUrl('process/entry')
  const readable = foldersToLoadFrom().map((path) => `--allow-fs-read=${path}`)
  const nodeFlags = [
    '--no-warnings',
    '--permission',
    '--allow-addons',
    ...readable,
    '--disable-proto=delete',
    '--disable-sigusr1',
    `--max-old-space-size=${CHILD_HEAP_MB}`,
  ]
  // A child whose only thread is its guest's cannot see the broker die, so the kernel must tell it. Behind a prefix, the
  // child's parent is somebody else.
  const signalled = prefix.length === 0 && existsSync(SETPRIV)
  const dieWithParent = signalled ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []
  return { prefix: [...prefix, ...dieWithParent], nodeFlags, entry, args: [signalled ? 'blocking' : 'threaded'] }
}

/** Our own package, where isolated-vm really is, and every way by which a look-up of it may get there. */
const foldersToLoadFrom = (): readonly string[] => {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const addon = fileURLToPath(new URL('../', import.meta.resolve('isolated-vm')))
  const lookups: string[] = []
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(join(modules, 'isolated-vm'))) lookups.push(modules)
  }
  // isolated-vm's loader looks for this file to tell one C library from another.
  return [root, addon, ...lookups, '/etc/alpine-release']
}
