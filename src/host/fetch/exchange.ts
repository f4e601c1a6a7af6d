import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { FetchGrant } from './grant.ts'
import { type Question, Refused } from './question.ts'
import { pinnedTo, unreachable } from './reach.ts'

/** What a server answered. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}

const MAX_HEADER_BYTES = 16_384
/** Answers of such a status have no body, whatever their headers say of one. */
const BODILESS = [204, 205, 304]
/** What an answer is given room for at first. */
const FIRST_BYTES = 16_384
const USER_AGENT = 'ringfence'

/** Makes one request to one of `addresses`, over a connection of its own, and reads the answer whole. */
export const exchange = async (
  question: Question,
  addresses: readonly string[],
  grant: FetchGrant,
  signal: AbortSignal,
): Promise<Answer> => {
  const message = await begin(question, addresses, signal)
  // Whoever reads it hears of it, and an error that comes after is nobody's.
  message.on('error', () => {})
  try {
    const hasBody = question.method !== 'HEAD' && !BODILESS.includes(message.statusCode ?? 0)
    const body = hasBody ? await readBody(message, grant.maxBodyBytes) : new Uint8Array(0)
    const { statusCode: status = 0, statusMessage: statusText = '' } = message
    if (status < 200 || status > 599) throw unreachable()
    return { status, statusText, headers: headersOf(message), body }
  } finally {
    message.destroy()
  }
}

const begin = (
  { url, method, headers, body }: Question,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<IncomingMessage> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const start = url.protocol === 'https:' ? https.request : http.request
  const request = start(url, {
    method,
    signal,
    // No connection serves two: one that is kept would be used without a look at where it leads.
    agent: false,
    lookup: pinnedTo(addresses),
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
  })
  request.once('response', resolve)
  // ATTACK: an answer of status 101. Its connection would be nobody's, and end with no error and at no deadline.
  request.once('upgrade', (_message, socket) => socket.destroy())
  request.once('close', () => reject(unreachable()))
  // There may be several, and those that come after the answer has begun are told by its body.
  request.on('error', () => reject(unreachable()))
  for (const [name, value] of headers) request.appendHeader(name, value)
  request.setHeader('accept-encoding', 'gzip, deflate, br')
  if (!request.hasHeader('user-agent')) request.setHeader('user-agent', USER_AGENT)
  if (!request.hasHeader('accept')) request.setHeader('accept', '*/*')
  if (body !== undefined) request.setHeader('content-length', body.byteLength)
  request.end(body)
  return promise
}

const headersOf = ({ rawHeaders }: IncomingMessage): readonly (readonly [string, string])[] =>
  Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[index * 2] ?? '',
    rawHeaders[index * 2 + 1] ?? '',
  ])

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
 * What a message says, decompressed. Not by `pipeline`, which waits for the rest of a message that is longer than its reader
 * wanted, and never comes back.
 */
const decoded = (message: IncomingMessage): AsyncIterable<unknown> => {
  const decoder = decoderOf(message.headers['content-encoding'])
  if (decoder === undefined) return message
  message.on('error', (error) => decoder.destroy(error))
  return message.pipe(decoder)
}

/**
 * ATTACK: an answer of 10 KB that gzip makes 10 MB of, or one that never ends. What is counted is what comes out, as it comes;
 * one chunk too many ends the connection.
 *
 * ATTACK: an answer of a million bytes in a million chunks. A list of chunks would take a hundred times what they hold, so each
 * is copied and let go.
 */
const readBody = async (message: IncomingMessage, maxBytes: number): Promise<Uint8Array> => {
  // Not a `Buffer`, which may be a view of a pool that holds others' bytes too.
  let bytes = new Uint8Array(Math.min(maxBytes, FIRST_BYTES))
  let length = 0
  try {
    for await (const chunk of decoded(message)) {
      if (!(chunk instanceof Uint8Array)) continue
      const end = length + chunk.byteLength
      if (end > maxBytes) throw new Refused('the answer is too long')
      if (end > bytes.byteLength) bytes = grown(bytes, Math.min(maxBytes, Math.max(end, bytes.byteLength * 2)))
      bytes.set(chunk, length)
      length = end
    }
  } catch (error) {
    throw error instanceof Refused ? error : unreachable()
  }
  return bytes.slice(0, length)
}

const grown = (bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> => {
  const more = new Uint8Array(length)
  more.set(bytes)
  return more
}
