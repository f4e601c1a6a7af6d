import { availableParallelism } from 'node:os'
import { RingfenceError } from '../../core/errors.ts'
import type { CarrierStats, Guest, Sandbox } from '../../core/sandbox.ts'
import type { JailChoice } from '../../jail/find-jail.ts'
import { CarrierLost } from '../carrier-errors.ts'
import type { Child } from '../child.ts'
import { CrashLoop } from '../crash-loop.ts'
import { hostStats, type IsolateHost } from '../isolate-host.ts'
import type { Wall } from '../wall.ts'
import { emptiestOf, freshOf, isEmpty, keyOf, type Lease, leastBusy, type Sharing } from './lease.ts'
import { startIsolateHost } from './start-isolate-host.ts'
import { Waiters, type Wanted } from './waiters.ts'

/** A host whose resident memory passes this is given no new guests and ends when its last one has. */
const DRAIN_BYTES = 768 * 1024 * 1024
/** One that passes this is ended at once: something in it escapes its limits. */
const END_BYTES = 1536 * 1024 * 1024
const WATCH_EVERY_MS = 25
/** Starting a process takes this thread some 10 ms: the calls that have just been served, or ended, are answered first. */
const SPARE_AFTER_MS = 5
/** How long a host that only one tenant may use is kept for it. */
const IDLE_MS = 30_000
/** Hosts of one key: more than cores would only take turns. */
const HOSTS_PER_KEY = Math.max(2, availableParallelism())
/** Hosts of a lane unless its operator says otherwise: some 50 MB each. Who needs one more waits. */
const DEFAULT_HOSTS = Math.max(8, 2 * availableParallelism())

/** Who shares hosts, and how many there may be. */
export interface HostPoolOptions {
  readonly sharing?: Sharing
  /** The most processes of this lane. */
  readonly hosts?: number
  /** The jail of each host: the strongest that works here when not given. */
  readonly jail?: JailChoice
  /** A control group delegated to this process, below which each host gets one with a limit of memory. */
  readonly cgroup?: string
}

/** A lane of isolate hosts. Hosts start on demand and stay warm; a spare stands ready once the lane is in use. */
export interface HostPool {
  /** Waits while there are as many hosts as may be and none of them is for this guest. Spares the host of `apartFrom`. */
  open(guest: Guest, signal: AbortSignal, apartFrom?: Sandbox): Promise<Sandbox>
  carriers(): readonly CarrierStats[]
  /** While on, nothing stands ready: hosts without guests end, and no spare starts. */
  economise(on: boolean): void
  close(): Promise<void>
}

/** Opens an empty lane; nothing is spawned before the first guest. */
export const hostPool = (wall: () => Promise<Wall>, options: HostPoolOptions = {}): HostPool =>
  new Lane(options.sharing ?? 'trust', options.hosts ?? DEFAULT_HOSTS, wall)

class Lane implements HostPool {
  readonly #sharing: Sharing
  readonly #maxHosts: number
  readonly #wall: () => Promise<Wall>
  readonly #leases = new Set<Lease>()
  /** Hosts that get no new guests: too large, or given up and not gone yet. */
  readonly #leaving = new Set<Lease>()
  /** Those whose process is there, be it only to be cleared away. */
  readonly #children = new Set<Child>()
  readonly #leaseOf = new WeakMap<Sandbox, Lease>()
  readonly #starting = new Set<Promise<IsolateHost>>()
  readonly #waiters = new Waiters()
  readonly #loop = new CrashLoop('isolate hosts')
  #guests = 0
  #watch: NodeJS.Timeout | undefined
  #spareTimer: NodeJS.Timeout | undefined
  #economic = false
  #closed = false

  constructor(sharing: Sharing, maxHosts: number, wall: () => Promise<Wall>) {
    this.#wall = wall
    this.#sharing = sharing
    this.#maxHosts = maxHosts
  }

  async open(guest: Guest, signal: AbortSignal, apartFrom?: Sandbox): Promise<Sandbox> {
    const avoid = apartFrom && this.#leaseOf.get(apartFrom)
    const wanted = { key: keyOf(guest, this.#sharing, this.#guests++), avoid }
    for (;;) {
      signal.throwIfAborted()
      if (this.#closed) throw closed()
      try {
        return await this.#openIn(await this.#claim(wanted, signal), guest, signal)
      } catch (error) {
        // Not by its doing: as often as neighbours end its host, it goes to another.
        if (!(error instanceof CarrierLost)) throw error
      }
    }
  }

  async #openIn(lease: Lease, guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    try {
      const sandbox = await lease.host.relay.open(guest, signal)
      this.#leaseOf.set(sandbox, lease)
      this.#loop.thrived()
      return sandbox
    } finally {
      lease.opening -= 1
      lease.emptySince = performance.now()
    }
  }

  carriers(): readonly CarrierStats[] {
    return [...this.#leases, ...this.#leaving].map(({ host }) => hostStats(host))
  }

  economise(on: boolean): void {
    this.#economic = on
    if (on) for (const lease of this.#leases) if (isEmpty(lease)) this.#giveUp(lease)
    if (!on && this.#guests > 0) this.#grow()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    clearTimeout(this.#spareTimer)
    this.#waiters.fail(closed())
    await Promise.allSettled(this.#starting)
    await Promise.all(Array.from(this.#children, (child) => child.end()))
  }

  #claim(wanted: Wanted, signal: AbortSignal): Promise<Lease> {
    const lease = this.#waiters.add(wanted, signal)
    this.#serve()
    return lease
  }

  /** Gives hosts to whoever can have one, in the order they came, and starts what the others need. */
  #serve(): void {
    this.#waiters.serve((wanted) => this.#leaseFor(wanted))
    if (this.#waiters.size > 0) this.#grow()
    else this.#spareTimer ??= setTimeout(() => this.#grow(), SPARE_AFTER_MS)
  }

  /** A host of its own kind before a fresh one, unless it is in use and there may be another of its kind. */
  #leaseFor({ key, avoid }: Wanted): Lease | undefined {
    const { best, count } = leastBusy(this.#leases, key, avoid)
    const isFull = count >= HOSTS_PER_KEY
    if (best !== undefined && (isEmpty(best) || isFull)) return best
    const fresh = freshOf(this.#leases)
    const mayWait = !isFull && (this.#starting.size > 0 || this.#total < this.#maxHosts)
    if (fresh === undefined) return best ?? (mayWait ? undefined : leastBusy(this.#leases, key).best)
    fresh.key = key
    return fresh
  }

  /** Starts a host for each key that waits, giving up hosts nobody is in where there are as many as may be; else a spare. */
  #grow(): void {
    clearTimeout(this.#spareTimer)
    this.#spareTimer = undefined
    if (this.#closed) return
    const { keys } = this.#waiters
    const wanted = keys.size > 0 ? keys.size : this.#sparesWanted()
    let missing = wanted - this.#starting.size - (freshOf(this.#leases) === undefined ? 0 : 1)
    for (; missing > 0 && this.#total < this.#maxHosts; missing -= 1) void this.#start()
    // Those on their way out make room when they are gone.
    for (missing -= this.#leaving.size; missing > 0 && keys.size > 0; missing -= 1) {
      const empty = emptiestOf(this.#leases, keys)
      if (empty === undefined) return
      this.#giveUp(empty)
    }
  }

  /** One, unless the only kind of guest there is has as many hosts as it may. */
  #sparesWanted(): number {
    if (this.#economic) return 0
    if (this.#sharing !== 'trust') return 1
    const keys = new Set(Array.from(this.#leases, ({ key }) => key))
    const hasRoom = (key?: string): boolean => key !== undefined && leastBusy(this.#leases, key).count < HOSTS_PER_KEY
    return keys.size === 0 || [...keys].some((key) => hasRoom(key)) ? 1 : 0
  }

  get #total(): number {
    return this.#leases.size + this.#leaving.size + this.#starting.size
  }

  async #start(): Promise<void> {
    const starting = this.#loop.start(() =>
      startIsolateHost(this.#wall(), END_BYTES, (relay, cause) => this.#forget(relay, cause)),
    )
    this.#starting.add(starting)
    try {
      const host = await starting
      this.#starting.delete(starting)
      this.#admit(host)
    } catch (error) {
      this.#starting.delete(starting)
      if (this.#starting.size === 0) this.#waiters.fail(error)
    }
  }

  #admit(host: IsolateHost): void {
    this.#watch ??= setInterval(() => this.#look(), WATCH_EVERY_MS).unref()
    this.#children.add(host.child)
    void host.child.gone.then(() => this.#children.delete(host.child))
    if (this.#closed || host.relay.cause !== undefined) {
      void host.child.end()
      return
    }
    this.#leases.add({ host, key: undefined, opening: 0, emptySince: performance.now() })
    this.#serve()
  }

  #giveUp(lease: Lease): void {
    this.#leave(lease)
    void lease.host.child.end()
  }

  #forget(relay: unknown, cause: string): void {
    for (const lease of this.#leases) {
      if (lease.host.relay === relay && this.#leases.delete(lease) && lease.key === undefined) this.#loop.failed(cause)
    }
    for (const lease of this.#leaving) if (lease.host.relay === relay) this.#leaving.delete(lease)
    this.#serve()
  }

  #look(): void {
    const now = performance.now()
    for (const lease of this.#leases) {
      if (!isEmpty(lease)) lease.emptySince = now
      if (this.#hasServed(lease, now)) this.#giveUp(lease)
      else if ((lease.host.child.residentBytes() ?? 0) >= DRAIN_BYTES) this.#leave(lease)
    }
    for (const lease of this.#leaving) {
      const { relay, child } = lease.host
      const tooLarge = (child.residentBytes() ?? 0) > END_BYTES
      if (tooLarge) relay.exceed('memoryBytes')
      if (tooLarge || isEmpty(lease)) void child.end()
    }
    if (this.#waiters.size > 0) this.#serve()
  }

  #leave(lease: Lease): void {
    this.#leases.delete(lease)
    this.#leaving.add(lease)
  }

  /** Whether nobody will come to it any more, or not soon. */
  #hasServed(lease: Lease, now: number): boolean {
    if (lease.key === undefined || !isEmpty(lease)) return false
    if (this.#sharing === 'none' || this.#economic) return true
    return this.#sharing === 'tenant' && now - lease.emptySince > IDLE_MS
  }
}

const closed = (): RingfenceError =>
  new RingfenceError('RF_CARRIER_FAILED', 'Cannot open sandbox: the isolate tier is closed')
