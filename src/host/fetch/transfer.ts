import type { AnswerBody, Part, Wait } from './answer-body.ts'
import { Refused } from './question.ts'
import { unreachable } from './reach.ts'

/** Why a request is stopped by us. */
const TOO_LONG = new Error('It took too long')
const OVER = new Error('It is over')

/** An answer whose body is still to be read. */
interface Unread {
  readonly body: AnswerBody | undefined
}

/** One request, from its question to the last of its answer's body. It ends by itself then, and with its guest's call. */
export class Transfer {
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #onEnd: (() => void)[] = []
  #body: AnswerBody | undefined
  #isReading = false

  constructor(call: AbortSignal, timeoutMs: number) {
    this.#signal = AbortSignal.any([call, this.#stop.signal])
    this.#timer = setTimeout(() => this.#stop.abort(TOO_LONG), timeoutMs)
    this.#signal.addEventListener('abort', () => this.#settle(), { once: true })
  }

  /** Asks, and answers with the head and what comes with it. */
  async begin<T extends Unread>(ask: (signal: AbortSignal) => Promise<T>, wait: Wait): Promise<Omit<T, 'body'> & Part> {
    return this.#guarded(async () => {
      this.#signal.throwIfAborted()
      const { body, ...head } = await ask(this.#signal)
      this.#body = body
      return { ...head, ...(await this.#part(wait)) }
    })
  }

  /** Reads on. Rejects with `Refused`, as soon as it has ended for one. */
  async read(wait: Wait): Promise<Part> {
    if (this.#isReading) throw new Refused('the answer is being read')
    return this.#guarded(() => this.#part(wait))
  }

  /** Ends it, whatever it is at. */
  end(): void {
    this.#stop.abort(OVER)
  }

  /** Calls back when it ends; at once where it has. */
  whenEnded(then: () => void): void {
    if (this.#signal.aborted) then()
    else this.#onEnd.push(then)
  }

  async #part(wait: Wait): Promise<Part> {
    const part = (await this.#body?.read(wait)) ?? { body: new Uint8Array(0), more: false }
    if (!part.more) this.end()
    return part
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#isReading = true
    try {
      return await work()
    } catch (error) {
      const isLate = this.#stop.signal.reason === TOO_LONG
      this.end()
      if (isLate) throw new Refused('it took too long')
      throw error instanceof Refused ? error : unreachable()
    } finally {
      this.#isReading = false
    }
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#body?.close()
    for (const then of this.#onEnd.splice(0)) then()
  }
}
