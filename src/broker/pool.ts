import type { Sandbox } from '../core/sandbox.ts'
import { Disposals } from './disposals.ts'
import type { Opened } from './open-sandbox.ts'
import type { Logger, PoolOptions } from './options.ts'
import { WaitingLine } from './waiting-line.ts'
import { WarmSandbox } from './warm-sandbox.ts'

/** How many sandboxes a pool has, and how many calls wait for one. */
export interface PoolSizes {
  readonly idle: number
  readonly busy: number
  readonly opening: number
  readonly waiting: number
}

/** What a pool needs of the broker. */
export interface PoolHost {
  readonly options: PoolOptions
  readonly logger: Logger
  /** Whether idle sandboxes are kept now; not while the program is blocked or the host short of memory. */
  keepsWarm(): boolean
  /** Whether a call may take a place behind another one now. */
  letsFollow?(): boolean
  /** Opens one sandbox, which the pool then owns. */
  open(signal: AbortSignal): Promise<Opened>
}

type Opening = { readonly kind: 'opened' } | { readonly kind: 'failed'; readonly error: unknown }

/**
 * The warm sandboxes of one program. Calls that find none wait in the order they came. The one used last is used next, so
 * that those not needed grow old and are given up. A sandbox that ended badly never comes back.
 */
export class Pool implements AsyncDisposable {
  readonly #host: PoolHost
  readonly #idle: WarmSandbox[] = []
  readonly #line = new WaitingLine<WarmSandbox>('a sandbox')
  readonly #openings = new Set<Promise<Opening>>()
  readonly #closing = new AbortController()
  readonly #disposals: Disposals
  readonly #busy = new Set<WarmSandbox>()
  #reaper: NodeJS.Timeout | undefined

  constructor(host: PoolHost) {
    this.#host = host
    this.#disposals = new Disposals(host.logger)
  }

  /** How it stands. */
  get sizes(): PoolSizes {
    return {
      idle: this.#idle.length,
      busy: this.#busy.size,
      opening: this.#openings.size,
      waiting: this.#line.size,
    }
  }

  /** One of its sandboxes, if there is any: what it holds where it may have but one. */
  get first(): Sandbox | undefined {
    const [warm] = [...this.#idle, ...this.#busy]
    return warm?.opened.sandbox
  }

  /** Takes an idle sandbox, if there is one and nobody waits. One that died while idle is not one. */
  tryClaim(): WarmSandbox | undefined {
    for (let warm = this.#idle.pop(); warm !== undefined; warm = this.#idle.pop()) {
      if (warm.opened.sandbox.reusable) {
        return this.#occupy(warm)
      }
      void this.#disposals.add(warm)
    }
    return undefined
  }

  /** Takes a place behind a call under way, where as many sandboxes as may be are busy and nobody waits for one. */
  tryFollow(): WarmSandbox | undefined {
    if (this.#line.size > 0 || this.#busy.size < this.#host.options.max || !this.#letsFollow) return undefined
    let best: WarmSandbox | undefined
    for (const warm of this.#busy) {
      if ((best === undefined || warm.load < best.load) && warm.room(this.#host.options) > 0) best = warm
    }
    return best && this.#occupy(best)
  }

  /** Lets those who wait behind a slow call go elsewhere, where there is a sandbox for them or may be one. */
  relieve({ load, opened }: WarmSandbox): void {
    if (load > 1 && (this.#idle.length > 0 || this.#total < this.#host.options.max)) opened.sandbox.withdraw?.()
  }

  /** Takes back from busy sandboxes the calls that have not started. */
  recall(): void {
    for (const { opened } of this.#busy) opened.sandbox.withdraw?.()
  }

  /** Takes a sandbox as soon as one is free or open. Rejects when aborted, or when the one opened for it fails. */
  claim(signal: AbortSignal): Promise<WarmSandbox> {
    const warm = signal.aborted ? undefined : this.tryClaim()
    if (warm !== undefined) return Promise.resolve(warm)
    const claim = this.#line.join(this.#closing.signal.aborted ? this.#closing.signal : signal)
    this.#grow()
    return claim
  }

  /** Takes a sandbox back. `reusable` says whether it was left as it should be. */
  giveBack(warm: WarmSandbox, reusable: boolean): void {
    warm.load -= 1
    if (!reusable) warm.isSpent = true
    if (warm.load > 0) {
      this.letFollow(warm)
      return
    }
    this.#busy.delete(warm)
    if (!warm.isSpent && warm.opened.sandbox.reusable && !warm.isWorn(this.#host.options)) {
      this.#offer(warm)
      return
    }
    void this.#disposals.add(warm)
    this.#grow()
  }

  /** Opens sandboxes until there are `min`. Rejects when one cannot be opened. */
  async fill(): Promise<void> {
    if (!this.#host.keepsWarm()) return
    const missing = Math.max(0, this.#host.options.min - this.#total)
    const openings = await Promise.all(Array.from({ length: missing }, () => this.#open()))
    const failed = openings.find((opening) => opening.kind === 'failed')
    if (failed !== undefined) throw failed.error
  }

  /** Gives up every idle sandbox. Resolves when nothing of them runs any more. */
  async retireIdle(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((warm) => this.#disposals.add(warm)))
  }

  /** Opens nothing any more and turns away who waits. What comes back from now on is disposed of. */
  close(): void {
    this.#closing.abort()
    clearTimeout(this.#reaper)
    this.#line.failAll(new Error('Cannot wait for a sandbox: the program was disposed of'))
  }

  /** Resolves when every sandbox that is not in use is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await Promise.all(this.#openings)
    await this.retireIdle()
    await this.#disposals.settled()
  }

  get #total(): number {
    return this.#idle.length + this.#busy.size + this.#openings.size
  }

  get #letsFollow(): boolean {
    return this.#openings.size === 0 && !this.#closing.signal.aborted && this.#host.letsFollow?.() === true
  }

  #occupy(warm: WarmSandbox): WarmSandbox {
    warm.load += 1
    this.#busy.add(warm)
    return warm
  }

  /** Gives places behind a call that is about to start, or under way, to those who wait. */
  letFollow(warm: WarmSandbox): void {
    while (this.#line.size > 0 && warm.room(this.#host.options) > 0 && this.#letsFollow) {
      this.#line.serve(this.#occupy(warm))
    }
  }

  /** Opens what the waiting calls need, and what belongs to `min`. */
  #grow(): void {
    if (this.#closing.signal.aborted) return
    const { max } = this.#host.options
    const min = this.#host.keepsWarm() ? this.#host.options.min : 0
    while (this.#total < max && (this.#line.size > this.#openings.size || this.#total < min)) void this.#open()
  }

  /** Never rejects: the failure goes to the call that has waited longest, or to whoever wants to know. */
  #open(): Promise<Opening> {
    const opening = this.#host.open(this.#closing.signal).then(
      (opened): Opening => {
        this.#openings.delete(opening)
        this.#offer(new WarmSandbox(opened))
        return { kind: 'opened' }
      },
      (error: unknown): Opening => {
        this.#openings.delete(opening)
        this.#onFailure(error)
        return { kind: 'failed', error }
      },
    )
    this.#openings.add(opening)
    return opening
  }

  #onFailure(err: unknown): void {
    this.#line.fail(err instanceof Error ? err : new Error(String(err)))
    if (!this.#closing.signal.aborted) this.#host.logger.warn({ err }, 'Cannot open a warm sandbox')
    if (this.#line.size > 0) this.#grow()
  }

  #offer(warm: WarmSandbox): void {
    if (this.#closing.signal.aborted) {
      void this.#disposals.add(warm)
      return
    }
    if (this.#line.size > 0) {
      this.#line.serve(this.#occupy(warm))
      return
    }
    if (!this.#host.keepsWarm()) {
      void this.#disposals.add(warm)
      return
    }
    warm.idleSince = performance.now()
    this.#idle.push(warm)
    this.#reapLater(this.#host.options.idleMs)
  }

  #reapLater(delayMs: number): void {
    if (this.#total <= this.#host.options.min) return
    this.#reaper ??= setTimeout(() => this.#reap(), delayMs).unref()
  }

  /** Gives up what stood idle for too long; the oldest stand first. */
  #reap(): void {
    this.#reaper = undefined
    const { min, idleMs } = this.#host.options
    const now = performance.now()
    for (let [oldest] = this.#idle; oldest !== undefined && this.#total > min; [oldest] = this.#idle) {
      const leftMs = oldest.idleSince + idleMs - now
      if (leftMs > 0) {
        this.#reapLater(Math.ceil(leftMs))
        return
      }
      this.#idle.shift()
      void this.#disposals.add(oldest)
    }
  }
}
