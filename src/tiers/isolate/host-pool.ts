import { availableParallelism } from 'node:os'
import { RingfenceError } from '../../core/errors.ts'
import type { CarrierStats, Guest, Sandbox } from '../../core/sandbox.ts'
import { entryUrl } from '../entry-url.ts'
import { hostStats, type IsolateHost, startHost } from '../isolate-host.ts'

/** Isolates one host may hold: V8 aborts a process of some 4,000, and each costs about a megabyte. */
const MAX_SANDBOXES = 200
/** A host whose resident memory passes this is given no new guests and ends when its last one has. */
const DRAIN_BYTES = 768 * 1024 * 1024
/** One that passes this is ended at once: something in it escapes its limits. */
const END_BYTES = 1536 * 1024 * 1024
const WATCH_EVERY_MS = 25
const SPARE_ISOLATES = 2

/** A lane of isolate hosts. Hosts start on demand and stay warm; a spare stands ready once the lane is in use. */
export interface HostPool {
  open(guest: Guest, signal: AbortSignal): Promise<Sandbox>
  carriers(): readonly CarrierStats[]
  close(): Promise<void>
}

/** Opens an empty lane; nothing is spawned before the first guest. */
export const hostPool = (): HostPool => new Lane(Math.max(2, availableParallelism()))

class Lane implements HostPool {
  readonly #maxHosts: number
  readonly #hosts = new Set<IsolateHost>()
  readonly #draining = new Set<IsolateHost>()
  readonly #starting = new Set<Promise<IsolateHost>>()
  #watch: NodeJS.Timeout | undefined
  #closed = false

  constructor(maxHosts: number) {
    this.#maxHosts = maxHosts
  }

  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    signal.throwIfAborted()
    const host = await this.#pick()
    return host.relay.open(guest, signal)
  }

  carriers(): readonly CarrierStats[] {
    return [...this.#hosts, ...this.#draining].map(hostStats)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    await Promise.allSettled(this.#starting)
    await Promise.all([...this.#hosts, ...this.#draining].map(({ child }) => child.end()))
  }

  /** The least busy host that has room; starts one when all are busy, and one more so that a spare stands ready. */
  async #pick(): Promise<IsolateHost> {
    if (this.#closed) throw new RingfenceError('RF_CARRIER_FAILED', 'Cannot open sandbox: the isolate tier is closed')
    const best = this.#leastBusy()
    if (this.#hosts.size + this.#starting.size < this.#maxHosts) void this.#start().catch(() => {})
    if (best !== undefined) return best
    const [starting = this.#start()] = this.#starting
    await starting
    return this.#pick()
  }

  #leastBusy(): IsolateHost | undefined {
    let best: IsolateHost | undefined
    for (const host of this.#hosts) {
      if (host.relay.size >= MAX_SANDBOXES) continue
      if (best === undefined || load(host) < load(best)) best = host
    }
    return best
  }

  #start(): Promise<IsolateHost> {
    const plan = { prefix: [], nodeFlags: [], entry: entryUrl('isolate/entry'), args: [String(SPARE_ISOLATES)] }
    const starting = startHost(plan, false, (relay) => this.#forget(relay))
    this.#starting.add(starting)
    const done = (): void => {
      this.#starting.delete(starting)
    }
    starting.then((host) => {
      done()
      this.#admit(host)
    }, done)
    return starting
  }

  #admit(host: IsolateHost): void {
    if (this.#closed || host.relay.cause !== undefined) void host.child.end()
    else this.#hosts.add(host)
    this.#watch ??= setInterval(() => this.#look(), WATCH_EVERY_MS).unref()
  }

  #forget(relay: unknown): void {
    for (const set of [this.#hosts, this.#draining]) {
      for (const host of set) if (host.relay === relay) set.delete(host)
    }
    if (!this.#closed && this.#hosts.size + this.#starting.size === 0) void this.#start().catch(() => {})
  }

  #look(): void {
    for (const host of this.#hosts) {
      if ((host.child.residentBytes() ?? 0) < DRAIN_BYTES) continue
      this.#hosts.delete(host)
      this.#draining.add(host)
    }
    for (const host of this.#draining) {
      const tooLarge = (host.child.residentBytes() ?? 0) > END_BYTES
      if (tooLarge) host.relay.exceed('memoryBytes')
      if (tooLarge || host.relay.size === 0) void host.child.end()
    }
  }
}

const load = ({ relay }: IsolateHost): number => relay.busy * MAX_SANDBOXES + relay.size
