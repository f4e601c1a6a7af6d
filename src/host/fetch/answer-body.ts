import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Refused } from './question.ts'
import { unreachable } from './reach.ts'

/** What has come of a body, decompressed, and whether more is to come. */
export interface Part {
  readonly body: Uint8Array
  readonly more: boolean
}

/** Whether to wait for the end, for something at least, or hardly at all. */
export type Wait = 'end' | 'something' | 'hardly'

/** What a part is given room for at first. */
const FIRST_BYTES = 16_384
/** A part that nobody asked to be whole goes when it has so much. */
const PART_BYTES = 65_536
/** Most bodies are short and come with their heads: so long is waited for the rest of one, which saves asking for it. */
const HARDLY_MS = 5

const NOTHING_YET = Symbol('nothing yet')

const decoderOf = (encoding: string | undefined): Transform | undefined => {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new Refused('the answer is encoded in an unknown way')
  }
}

/**
 * The body of an answer, read part by part as it is asked for; what nobody asks for stays with the server.
 *
 * ATTACK: an answer of 10 KB that gzip makes 10 MB of, or one that never ends. What is counted is what comes out, as it comes;
 * one chunk too many ends the connection.
 */
export class AnswerBody {
  readonly #message: IncomingMessage
  readonly #decoder: Transform | undefined
  readonly #chunks: AsyncIterator<unknown>
  readonly #maxBytes: number
  #next: Promise<IteratorResult<unknown>> | undefined
  #failure: Error | undefined
  #length = 0

  /** Throws `Refused` where it is encoded in an unknown way, or says itself that it is too long. */
  constructor(message: IncomingMessage, maxBytes: number) {
    this.#message = message
    this.#maxBytes = maxBytes
    // Whoever reads it hears of it, and an error that comes after is nobody's.
    message.on('error', (error) => this.#decoder?.destroy(error))
    this.#decoder = decoderOf(message.headers['content-encoding'])
    if (this.#decoder === undefined && Number(message.headers['content-length']) > maxBytes) {
      throw new Refused('the answer is too long')
    }
    // Not by `pipeline`, which waits for the rest of a message that is longer than its reader wanted, and never comes back.
    const readable = this.#decoder === undefined ? message : message.pipe(this.#decoder)
    this.#chunks = readable[Symbol.asyncIterator]()
  }

  /**
   * What comes next. Rejects when it is too long, was cut off or cannot be decoded; where it is hardly waited for, the next
   * reader is told, so that what fails does not depend on how soon it came.
   */
  async read(wait: Wait): Promise<Part> {
    if (this.#failure !== undefined) throw this.#failure
    const part = new GrowingBytes(this.#maxBytes - this.#length)
    const enough = wait === 'end' ? Infinity : PART_BYTES
    const patience = wait === 'hardly' ? delay(HARDLY_MS, NOTHING_YET) : undefined
    try {
      while (part.length < enough) {
        const step = await this.#step(patience, wait === 'something' && part.length > 0)
        if (step === NOTHING_YET) break
        if (step.done === true) return { body: part.take(), more: false }
        if (step.value instanceof Uint8Array) part.add(step.value)
      }
    } catch (error) {
      const failure = error instanceof Refused ? error : unreachable()
      if (wait !== 'hardly') throw failure
      this.#failure = failure
      return { body: new Uint8Array(0), more: true }
    }
    this.#length += part.length
    return { body: part.take(), more: true }
  }

  /** Lets go of the connection. */
  close(): void {
    this.#message.destroy()
    this.#decoder?.destroy()
  }

  /** The next chunk, unless patience runs out before, or it is not there and need not be. */
  async #step(
    patience: Promise<typeof NOTHING_YET> | undefined,
    isEnough: boolean,
  ): Promise<IteratorResult<unknown> | typeof NOTHING_YET> {
    const next = this.#next ?? this.#chunks.next()
    this.#next = next
    // It may fail while nobody waits for it.
    next.catch(() => {})
    const rival = isEnough ? delay(0, NOTHING_YET) : patience
    const step = await (rival === undefined ? next : Promise.race([next, rival]))
    if (step !== NOTHING_YET) this.#next = undefined
    return step
  }
}

/**
 * ATTACK: an answer of a million bytes in a million chunks. A list of chunks would take a hundred times what they hold, so each
 * is copied and let go.
 */
class GrowingBytes {
  readonly #most: number
  // Not a `Buffer`, which may be a view of a pool that holds others' bytes too.
  #bytes: Uint8Array<ArrayBuffer>
  length = 0

  constructor(most: number) {
    this.#most = most
    this.#bytes = new Uint8Array(Math.min(most, FIRST_BYTES))
  }

  add(chunk: Uint8Array): void {
    const end = this.length + chunk.byteLength
    if (end > this.#most) throw new Refused('the answer is too long')
    if (end > this.#bytes.byteLength) {
      const more = new Uint8Array(Math.min(this.#most, Math.max(end, this.#bytes.byteLength * 2)))
      more.set(this.#bytes)
      this.#bytes = more
    }
    this.#bytes.set(chunk, this.length)
    this.length = end
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }
}
