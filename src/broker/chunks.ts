import type { Data } from '../core/types.ts'

/** How many chunks a guest may be ahead of who reads them. */
const AHEAD = 4

type Reader = (chunk: { readonly value: Data } | undefined) => void

/** The chunks of one call on their way from the guest to who reads them. */
export class Chunks {
  /** Those that nobody has taken yet. */
  readonly #ready: Data[] = []
  readonly #readers: Reader[] = []
  #state: 'open' | 'stopped' | 'closed' = 'open'
  /** Present while the guest waits until it may give the next. */
  #held: PromiseWithResolvers<boolean> | undefined
  #idleTimer: NodeJS.Timeout | undefined

  /** Its guest starts. `onIdle` is told when it is not held, and gives no chunk, for so long. */
  begin(idleMs: number, onIdle: () => void): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => {
      if (this.#held === undefined) onIdle()
    }, idleMs)
  }

  /** Its guest does not run any more, so that nobody needs to wait for it. */
  rest(): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = undefined
  }

  /** Whether the guest has to wait, and may give none. */
  get isHeld(): boolean {
    return this.#held !== undefined
  }

  /** Takes a chunk. Answers, once the guest may go on, whether more is wanted. */
  put(value: Data): boolean | Promise<boolean> {
    this.#idleTimer?.refresh()
    if (this.#state !== 'open') return false
    const reader = this.#readers.shift()
    if (reader !== undefined) reader({ value })
    else this.#ready.push(value)
    if (this.#ready.length < AHEAD) return true
    this.#held = Promise.withResolvers()
    return this.#held.promise
  }

  /** The next chunk, or nothing once there will be none. */
  take(): Promise<{ readonly value: Data } | undefined> {
    const hasOne = this.#ready.length > 0
    const value = this.#ready.shift()
    if (hasOne) {
      this.#letGo(true)
      return Promise.resolve({ value })
    }
    if (this.#state !== 'open') return Promise.resolve(undefined)
    const { promise, resolve } = Promise.withResolvers<{ readonly value: Data } | undefined>()
    this.#readers.push(resolve)
    return promise
  }

  /** Nobody wants more: the guest is told so when it gives its next chunk. */
  stop(): void {
    if (this.#state === 'open') this.#finish('stopped')
    this.#ready.length = 0
  }

  /** The call is over: what is here can still be read, and nothing comes after it. */
  close(): void {
    this.rest()
    this.#finish('closed')
  }

  #finish(state: 'stopped' | 'closed'): void {
    this.#state = state
    this.#letGo(false)
    for (const reader of this.#readers.splice(0)) reader(undefined)
  }

  #letGo(wantsMore: boolean): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    this.#idleTimer?.refresh()
    held.resolve(wantsMore)
  }
}
