import type { Lease } from './lease.ts'

/** What somebody waits for: a host of this key, and another one than `avoid` if that can be. */
export interface Wanted {
  readonly key: string
  readonly avoid: Lease | undefined
}

interface Waiter extends Wanted {
  serve(lease: Lease): void
  fail(error: unknown): void
}

/** Those who wait for a host of their key, in the order they came. */
export class Waiters {
  readonly #waiters = new Set<Waiter>()

  get size(): number {
    return this.#waiters.size
  }

  /** The keys that somebody waits for. */
  get keys(): Set<string> {
    return new Set(Array.from(this.#waiters, ({ key }) => key))
  }

  /** Waits for a host. Rejects with the signal's reason, or with what `fail` is given. */
  add({ key, avoid }: Wanted, signal: AbortSignal): Promise<Lease> {
    const { promise, resolve, reject } = Promise.withResolvers<Lease>()
    const leave = (): void => {
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
    }
    const waiter: Waiter = {
      key,
      avoid,
      serve: (lease) => {
        leave()
        lease.opening += 1
        resolve(lease)
      },
      fail: (error) => {
        leave()
        reject(error)
      },
    }
    const onAbort = (): void => waiter.fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiters.add(waiter)
    return promise
  }

  /** Gives everybody the host that `find` has for them, if it has one. */
  serve(find: (wanted: Wanted) => Lease | undefined): void {
    for (const waiter of this.#waiters) {
      const lease = find(waiter)
      if (lease !== undefined) waiter.serve(lease)
    }
  }

  /** Sends everybody away. */
  fail(error: unknown): void {
    for (const waiter of this.#waiters) waiter.fail(error)
  }
}
