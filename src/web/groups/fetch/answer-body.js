// The body of an answer, of which the host has handed over the beginning and keeps the rest until it is asked for.

import { send } from 'ringfence:host'

/** The host serves eight at once. Half of them may wait to be read; before there are more, the oldest are read ahead. */
const MOST_UNREAD = 4
const unread = new Set()

/** Tells the host that nobody waits for an answer any more. What it says to that is nobody's either. */
export const abandon = async (id) => {
  try {
    await send({ abandon: id })
  } catch {
    // The call is over, or has called as often as it may: then the host ends the request by itself.
  }
}

const joined = (first, rest) => {
  const bytes = new Uint8Array(first.length + rest.length)
  bytes.set(first)
  bytes.set(rest, first.length)
  return bytes
}

/** Read as a blob is: whole, or as a stream. */
export class AnswerBody {
  #id
  #first
  #signal
  #onAbort
  #whole

  constructor(id, first, signal) {
    this.#id = id
    this.#first = first
    this.#signal = signal
    this.#onAbort = () => void abandon(id)
    signal.addEventListener('abort', this.#onAbort, { once: true })
    unread.add(this)
    if (unread.size <= MOST_UNREAD) return
    const [oldest] = unread
    oldest.bytes().catch(() => {})
  }

  bytes() {
    unread.delete(this)
    this.#whole ??= this.#read(true).then(({ body }) => joined(this.#first, body))
    return this.#whole
  }

  stream() {
    unread.delete(this)
    return new ReadableStream({
      type: 'bytes',
      start: (controller) => {
        if (this.#whole === undefined && this.#first.length > 0) controller.enqueue(this.#first)
      },
      pull: async (controller) => {
        const isAhead = this.#whole !== undefined
        const { body, more } = isAhead ? { body: await this.#whole, more: false } : await this.#read(false)
        if (body.length > 0) controller.enqueue(body)
        if (more) return
        controller.close()
        controller.byobRequest?.respond(0)
      },
      cancel: () => {
        this.#leave()
        return abandon(this.#id)
      },
    })
  }

  /** Reads on: everything, or what comes next. */
  async #read(all) {
    try {
      const part = await send({ read: this.#id, all })
      if (!part.more) this.#leave()
      return part
    } catch (error) {
      this.#leave()
      throw this.#signal.aborted ? this.#signal.reason : error
    }
  }

  #leave() {
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}
