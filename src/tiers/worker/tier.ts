import { Piscina } from 'piscina'
import { type IsolationReport, NO_ISOLATION } from '../../core/isolation.ts'
import type { CarrierStats, Guest, Sandbox, Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import { CrashLoop } from '../crash-loop.ts'
import { entryUrl } from '../entry-url.ts'
import { LostThreads } from './lost-threads.ts'
import { type ThreadSeat, takeThread } from './thread-seat.ts'
import { watchThread } from './watch-thread.ts'

const TRAITS: Traits = {
  boundary: 'thread',
  memory: 'polled',
  cpu: 'metered',
  preemptible: true,
  stopsBuiltins: false,
  syncFunctions: true,
}

/** More threads than this wait for one to be free. An idle thread costs 6 to 9 MB. */
const MAX_THREADS = 32
const IDLE_MS = 10_000
/** V8's own limit stands this far above the guest's, so that our sampling ends it first: V8's can abort the host. */
const HEADROOM_MB = 256

/** Realms in worker threads: as `vm`, but the host never blocks and a guest dies with its thread. */
export const workerTier = (): Tier => new WorkerTier()

class WorkerTier implements Tier {
  readonly id = 'worker'
  readonly traits: Traits = TRAITS
  /** A pool for each size of memory limit, since a thread's limits are fixed when it starts. */
  readonly #pools = new Map<number, Piscina>()
  readonly #seats = new Set<ThreadSeat>()
  readonly #loop = new CrashLoop('threads of the worker tier')
  readonly #lost = new LostThreads()

  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    signal.throwIfAborted()
    const { refusal } = this.#lost
    if (refusal !== undefined) throw refusal
    const mb = 2 ** Math.ceil(Math.log2(guest.limits.memoryBytes / 2 ** 20))
    return this.#openIn(this.#poolFor(mb), guest, signal)
  }

  isolation(): Promise<IsolationReport> {
    return Promise.resolve(NO_ISOLATION)
  }

  carriers(): readonly CarrierStats[] {
    const taken = new Set(Array.from(this.#seats, ({ thread }) => thread))
    const seated = [...this.#seats].map(({ relay, thread }) => ({
      sandboxes: relay.size,
      ...(thread === undefined ? {} : { threadId: thread.threadId }),
    }))
    const idle = [...this.#pools.values()]
      .flatMap(({ threads }) => threads)
      .filter((thread) => !taken.has(thread))
      .map(({ threadId }) => ({ threadId, sandboxes: 0 }))
    return [...seated, ...idle, ...this.#lost.ids.map(lostCarrier)]
  }

  watchLosses(onLost: (carrier: CarrierStats) => void): void {
    this.#lost.onLost((threadId) => onLost(lostCarrier(threadId)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
  }

  #poolFor(mb: number): Piscina {
    const known = this.#pools.get(mb)
    if (known !== undefined) return known
    const pool = new Piscina({
      filename: entryUrl('worker/entry').href,
      minThreads: 2,
      maxThreads: MAX_THREADS,
      idleTimeout: IDLE_MS,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      recordTiming: false,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: mb + HEADROOM_MB },
    })
    // ATTACK: `new ArrayBuffer(2 ** 45)`. A thread that V8 ends over its memory once its task was aborted is an error of the
    // pool, and one that nobody listens to is thrown in the host. Its seat has told whom it concerns.
    pool.on('error', () => {})
    this.#pools.set(mb, pool)
    return pool
  }

  async #openIn(pool: Piscina, guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    const seat = await this.#loop.start(() => this.#take(pool))
    const sandbox = await seat.relay.open(guest, signal)
    this.#loop.thrived()
    if (seat.thread !== undefined) watchThread(seat.thread, seat.relay)
    return sandbox
  }

  async #take(pool: Piscina): Promise<ThreadSeat> {
    const seat = takeThread(pool, this.#lost, () => this.#seats.delete(seat))
    this.#seats.add(seat)
    const threadId = await seat.relay.ready
    seat.thread = pool.threads.find((worker) => worker.threadId === threadId)
    return seat
  }
}

const lostCarrier = (threadId: number): CarrierStats => ({ threadId, sandboxes: 0, lost: true })
