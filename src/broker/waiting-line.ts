interface Waiter<T, Ask> {
  readonly ask: Ask | undefined
  serve(value: T): void
  fail(error: Error): void
}

/** Those who wait for a thing of one kind, in the order they came, each with what they ask for. Who is aborted leaves at once. */
export class WaitingLine<T, Ask = undefined> {
  readonly #waiters = new Set<Waiter<T, Ask>>()
  readonly #what: string

  /** `what` names in errors what they wait for. */
  constructor(what: string) {
    this.#what = what
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size
  }

  /** What who has waited longest asks for; undefined when nobody waits. */
  get next(): Ask | undefined {
    const [waiter] = this.#waiters
    return waiter?.ask
  }

  /** Waits to be served. Rejects when aborted, or with the failure it is told. */
  join(signal: AbortSignal, ask?: Ask): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const leave = (): void => {
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      leave()
      reject(new Error(`Cannot wait for ${this.#what}: aborted`))
    }
    const waiter: Waiter<T, Ask> = {
      ask,
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
