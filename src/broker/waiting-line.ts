interface Waiter<T> {
  serve(value: T): void
  fail(error: Error): void
}

/** Those who wait for a thing of one kind, in the order they came. Who is aborted leaves at once. */
export class WaitingLine<T> {
  readonly #waiters = new Set<Waiter<T>>()
  readonly #what: string

  /** `what` names in errors what they wait for. */
  constructor(what: string) {
    this.#what = what
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size
  }

  /** Waits to be served. Rejects when aborted, or with the failure it is told. */
  join(signal: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const leave = (): void => {
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      leave()
      reject(new Error(`Cannot wait for ${this.#what}: aborted`))
    }
    const waiter: Waiter<T> = {
      serve(value) {
        leave()
        resolve(value)
      },
      fail(error) {
        leave()
        reject(error)
      },
    }
    if (signal.aborted) {
      onAbort()
    } else {
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
    }
    return promise
  }

  /** Serves who has waited longest. Answers whether there was anybody. */
  serve(value: T): boolean {
    const [waiter] = this.#waiters
    waiter?.serve(value)
    return waiter !== undefined
  }

  /** Turns away who has waited longest. */
  fail(error: Error): void {
    const [waiter] = this.#waiters
    waiter?.fail(error)
  }

  /** Turns everybody away. */
  failAll(error: Error): void {
    for (const waiter of this.#waiters) waiter.fail(error)
  }
}
