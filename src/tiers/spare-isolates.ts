import { type Warm, warmIsolate } from './warm-isolate.ts'

/** What most guests are limited to, so that the first spare fits. */
const DEFAULT_MB = 64
/** isolated-vm takes no less. */
const MIN_MB = 8
/** Making an isolate holds this thread up for a few milliseconds, so it waits for a pause between guests. */
const PAUSE_MS = 5

/** Isolates made ahead of the guests that will need them. Owns those not yet taken. */
export class SpareIsolates {
  readonly #wanted: number
  #spares: Warm[] = []
  #mb = DEFAULT_MB
  #refill: NodeJS.Timeout | undefined

  /** Makes the first one at once, so that whatever is loaded late is loaded before rights are dropped. */
  constructor(wanted: number) {
    this.#wanted = wanted
    // Where it is to be the only one, it is for the rehearsal.
    this.#spares.push(warmIsolate(this.#mb, wanted > 0))
  }

  /** A spare with this limit, or a new one; the limit of an isolate is fixed when it is made. */
  take(memoryBytes: number): Warm {
    const mb = Math.max(MIN_MB, Math.ceil(memoryBytes / 2 ** 20))
    // Those made for another limit are there until the next refill.
    const spare = this.#spares.find(({ memoryBytes: made }) => made === mb * 2 ** 20)
    if (spare !== undefined) this.#spares.splice(this.#spares.indexOf(spare), 1)
    this.#mb = mb
    this.postpone()
    return spare ?? warmIsolate(mb, false)
  }

  /** A guest is at work: refilling waits. */
  postpone(): void {
    if (this.#refill === undefined && this.#spares.length >= this.#wanted) return
    clearTimeout(this.#refill)
    this.#refill = setTimeout(() => this.#fill(), PAUSE_MS)
    this.#refill.unref()
  }

  /** Lets go of every spare. */
  dispose(): void {
    clearTimeout(this.#refill)
    for (const { isolate } of this.#spares.splice(0)) isolate.dispose()
  }

  #fill(): void {
    this.#refill = undefined
    const unfit = this.#spares.filter(({ memoryBytes }) => memoryBytes !== this.#mb * 2 ** 20)
    for (const { isolate } of unfit) isolate.dispose()
    this.#spares = this.#spares.filter((spare) => !unfit.includes(spare))
    if (this.#spares.length >= this.#wanted) return
    this.#spares.push(warmIsolate(this.#mb, true))
    this.postpone()
  }
}
