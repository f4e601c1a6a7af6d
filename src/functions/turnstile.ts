/** What is asked of a turnstile for one call. */
export interface Turn {
  readonly tenant: string
  readonly function: string
  /** At most so many calls of this function at once; beyond, a call waits. */
  readonly most: number
  /** At most so many calls of this function at once; beyond, a call is turned away. */
  readonly concurrency?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** How many calls get through at once. */
export interface TurnstileOptions {
  /** Of all tenants together. */
  readonly calls: number
  /** Of one tenant. */
  readonly callsPerTenant: number
  /** How many of one tenant may wait; who comes then is turned away. */
  readonly waiting: number
  /** How long somebody waits. */
  readonly patienceMs: number
}

/** A call may go on until it has called `leave`; or why it may not. */
export type Admission =
  | { readonly kind: 'admitted'; readonly leave: () => void }
  | { readonly kind: 'throttled' | 'queue_timeout' | 'cancelled' }

interface Waiting {
  readonly turn: Turn
  readonly settle: (admission: Admission) => void
}

/**
 * Lets calls through, so many at once, and serves waiting tenants in turn: one that sends a thousand calls delays another by
 * one call of its own, and not by a thousand.
 */
export class Turnstile {
  readonly #options: TurnstileOptions
  /** Who waits, by tenant. The tenant who was served longest ago stands first. */
  readonly #lines = new Map<string, Waiting[]>()
  readonly #byTenant = new Map<string, number>()
  readonly #byFunction = new Map<string, number>()
  #inside = 0

  constructor(options: TurnstileOptions) {
    this.#options = options
  }

  /** How many calls are let through and have not left, and how many wait. */
  get counts(): { readonly inside: number; readonly waiting: number } {
    const waiting = [...this.#lines.values()].reduce((sum, line) => sum + line.length, 0)
    return { inside: this.#inside, waiting }
  }

  /** Waits for a turn. Never rejects. Whoever is admitted has to leave. */
  enter(turn: Turn): Promise<Admission> {
    const { signal, tenant, concurrency } = turn
    if (signal?.aborted === true) return Promise.resolve({ kind: 'cancelled' })
    if (concurrency !== undefined && count(this.#byFunction, turn.function) >= concurrency) {
      return Promise.resolve({ kind: 'throttled' })
    }
    const line = this.#lines.get(tenant) ?? []
    if (line.length === 0 && this.#hasRoom(turn)) return Promise.resolve(this.#admit(turn))
    if (line.length >= this.#options.waiting) return Promise.resolve({ kind: 'throttled' })
    return this.#wait(turn, line)
  }

  #wait(turn: Turn, line: Waiting[]): Promise<Admission> {
    const { signal, tenant } = turn
    this.#lines.set(tenant, line)
    return new Promise((resolve) => {
      const waiting: Waiting = {
        turn,
        settle: (admission) => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', cancel)
          resolve(admission)
        },
      }
      const giveUp = (kind: 'queue_timeout' | 'cancelled'): void => {
        line.splice(line.indexOf(waiting), 1)
        if (line.length === 0 && this.#lines.get(tenant) === line) this.#lines.delete(tenant)
        waiting.settle({ kind })
      }
      const cancel = (): void => giveUp('cancelled')
      const timer = setTimeout(() => giveUp('queue_timeout'), this.#options.patienceMs)
      signal?.addEventListener('abort', cancel, { once: true })
      line.push(waiting)
    })
  }

  #hasRoom({ tenant, function: name, most }: Turn): boolean {
    return (
      this.#inside < this.#options.calls &&
      count(this.#byTenant, tenant) < this.#options.callsPerTenant &&
      count(this.#byFunction, name) < most
    )
  }

  #admit({ tenant, function: name }: Turn): Admission {
    this.#add(tenant, name, 1)
    let isInside = true
    const leave = (): void => {
      if (!isInside) return
      isInside = false
      this.#add(tenant, name, -1)
      this.#serve()
    }
    return { kind: 'admitted', leave }
  }

  #add(tenant: string, name: string, change: 1 | -1): void {
    this.#inside += change
    add(this.#byTenant, tenant, change)
    add(this.#byFunction, name, change)
  }

  /** Lets in whoever can be, each tenant's first one that fits before any tenant's second. */
  #serve(): void {
    while (this.#inside < this.#options.calls && this.#serveOne()) continue
  }

  #serveOne(): boolean {
    for (const [tenant, line] of this.#lines) {
      const at = line.findIndex(({ turn }) => this.#hasRoom(turn))
      const [next] = at < 0 ? [] : line.splice(at, 1)
      if (next === undefined) continue
      this.#lines.delete(tenant)
      if (line.length > 0) this.#lines.set(tenant, line)
      next.settle(this.#admit(next.turn))
      return true
    }
    return false
  }
}

const count = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const sum = count(counts, key) + change
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}
