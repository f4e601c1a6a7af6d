import type { RunningStream } from '../broker/broker.ts'
import { RingfenceError } from '../core/errors.ts'
import type { Execution } from '../core/types.ts'
import { type Ended, NO_HTTP_ANSWER, readHttp } from './answers.ts'
import type { HttpHead, Invocation } from './words.ts'

/** What a call has come to when its caller can be told: all of it, or the head of an answer whose body is being made. */
export type Responding =
  | { readonly isOpen: false; readonly invocation: Invocation }
  | (HttpHead & {
      readonly isOpen: true
      readonly id: string
      readonly version: number
      /**
       * What is written, as it comes; to be read once. What nobody has read yet is kept, which `outputBytes` bounds, so that a
       * slow reader does not hold the function up. Throws `RF_ANSWER_INCOMPLETE` when the function did not end well.
       */
      readonly body: AsyncIterable<Uint8Array>
      /** The end of it. Has no `answer`: that was in `body`. */
      readonly invocation: Promise<Invocation>
    })

/** Takes the pieces of an answer as the adapter gives them, or whoever has taken it over. */
export class AnswerReader {
  /** Resolves with the head of an answer that is not whole when it begins. Stays open otherwise. */
  readonly opened: Promise<HttpHead>
  readonly #open: (head: HttpHead) => void
  readonly #waiting: Uint8Array[] = []
  #end: { readonly problem: string | undefined } | undefined
  #wake: () => void = () => {}

  constructor() {
    const { promise, resolve } = Promise.withResolvers<HttpHead>()
    this.opened = promise
    this.#open = resolve
  }

  /** Reads to the end. */
  async read(running: RunningStream): Promise<Ended> {
    const first = await running.next()
    if (first.done === true) return endedWhole(first.value)
    const head = readHttp(first.value)
    if (head === undefined) return refuse(running)
    this.#put(head.body)
    this.#open({ status: head.status, headers: head.headers })
    for (let next = await running.next(); ; next = await running.next()) {
      if (next.done === true) return { execution: next.value, isWrong: false }
      if (!(next.value instanceof Uint8Array)) return refuse(running)
      this.#put(next.value)
    }
  }

  /** Ends the body with the call; what went wrong with that is what the reader of the body is told. Never rejects. */
  async closeWith(call: Promise<Invocation>): Promise<void> {
    try {
      const { status, detail } = await call
      this.#end = { problem: status === 'ok' ? undefined : `${status}: ${detail ?? ''}` }
    } catch (error) {
      this.#end = { problem: String(error) }
    }
    this.#wake()
  }

  async *body(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      yield* this.#waiting.splice(0)
      if (this.#waiting.length > 0) continue
      if (this.#end === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (this.#end.problem === undefined) return
      else throw new RingfenceError('RF_ANSWER_INCOMPLETE', `The answer is not complete: ${this.#end.problem}`)
    }
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes)
    this.#wake()
  }
}

/** An answer that was whole from its beginning. */
function endedWhole(execution: Execution): Ended {
  const answer = execution.outcome.kind === 'returned' ? readHttp(execution.outcome.value) : undefined
  return { execution, isWrong: answer === undefined, ...(answer && { answer: { kind: 'http', ...answer } }) }
}

async function refuse(running: RunningStream): Promise<Ended> {
  await running.kill(NO_HTTP_ANSWER)
  return { execution: await running.result, isWrong: true }
}

/** Waits for all of an answer. */
export async function wholeOf(responding: Responding): Promise<Invocation> {
  if (!responding.isOpen) return responding.invocation
  const { status, headers, body } = responding
  const parts: Uint8Array[] = []
  try {
    for await (const part of body) parts.push(part)
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error
    // The invocation says so too.
    return responding.invocation
  }
  const all = new Uint8Array(Buffer.concat(parts))
  return { ...(await responding.invocation), answer: { kind: 'http', status, headers, body: all } }
}
