import { bytesOf } from './call.ts'

export type Headers = readonly (readonly [name: string, value: string])[]

/** What an answer over HTTP begins with. */
export interface Head {
  readonly status: number
  readonly headers: Headers
}

/** An answer that is there as a whole: what a generator of pieces returns; or the first of its pieces, with what was there. */
export interface Answer extends Head {
  readonly kind: 'http'
  readonly body: Uint8Array
}

/** Pieces that are given as they come: one answer, and then bytes. One that is whole is returned, and nothing given. */
export type Pieces = AsyncGenerator<Answer | Uint8Array, Answer | undefined, undefined>

export type Bytes = Iterator<unknown> | AsyncIterator<unknown>

export const withBody = ({ status, headers }: Head, body: Uint8Array): Answer => ({
  kind: 'http',
  status,
  headers,
  body,
})

/** The answer of a value that is a text, bytes, or what is written as JSON. */
export const plain = (status: number, type: string, body: Uint8Array): Answer =>
  withBody({ status, headers: [['content-type', type]] }, body)

const EMPTY = new Uint8Array()
/** So many turns of promises are enough for a body that is there, through a few streams behind each other. */
const TICKS = 100
const TURN = Promise.resolve()

/**
 * An answer in pieces, as its body comes. One that is there at once is whole, and the head of another goes out before
 * its body, as a client that waits for events expects. Who wants no more has the body closed.
 */
export async function* pieces(head: Head, body: Bytes): Pieces {
  let isEnded = false
  const next = async (): Promise<Uint8Array | undefined> => {
    const result = await body.next()
    isEnded = result.done === true
    return isEnded ? undefined : asBytes(result.value)
  }
  try {
    const first = next()
    if (await isPrompt(first)) {
      const bytes = await first
      if (bytes === undefined) return withBody(head, EMPTY)
      const second = next()
      if ((await isPrompt(second)) && (await second) === undefined) return withBody(head, bytes)
      yield withBody(head, bytes)
      yield* rest(second, next)
    } else {
      yield withBody(head, EMPTY)
      yield* rest(first, next)
    }
  } finally {
    if (!isEnded) await body.return?.()
  }
  return undefined
}

async function* rest(
  begun: Promise<Uint8Array | undefined>,
  next: () => Promise<Uint8Array | undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let bytes = await begun; bytes !== undefined; bytes = await next()) yield bytes
}

/** Whether something is there without waiting for anything but promises. What it throws is left to who awaits it. */
async function isPrompt(work: Promise<unknown>): Promise<boolean> {
  const state = { isDone: false }
  const done = (): void => {
    state.isDone = true
  }
  work.then(done, done)
  for (let tick = 0; tick < TICKS && !state.isDone; tick += 1) await TURN
  return state.isDone
}

/** A piece of a body as bytes. */
export function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return bytesOf(value)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  throw new TypeError(`A piece of a body must be text or bytes, received ${value === null ? 'null' : typeof value}`)
}

/** All of a body. */
export async function joined(body: Bytes): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    const part = asBytes(next.value)
    parts.push(part)
    length += part.length
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
