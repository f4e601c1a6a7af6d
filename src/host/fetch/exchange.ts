import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { AnswerBody } from './answer-body.ts'
import type { FetchGrant } from './grant.ts'
import type { Question } from './question.ts'
import { pinnedTo, unreachable } from './reach.ts'

/** What a server answered before its body. */
export interface Head {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
}

/** What a server answered, of which the body is still to be read, and closed. */
export interface Answer extends Head {
  readonly body: AnswerBody | undefined
}

const MAX_HEADER_BYTES = 16_384
/** Answers of such a status have no body, whatever their headers say of one. */
const BODILESS = [204, 205, 304]
const USER_AGENT = 'ringfence'

/** Makes one request to one of `addresses`, over a connection of its own. */
export const exchange = async (
  question: Question,
  addresses: readonly string[],
  grant: FetchGrant,
  signal: AbortSignal,
): Promise<Answer> => {
  const message = await begin(question, addresses, signal)
  const { statusCode: status = 0, statusMessage: statusText = '' } = message
  try {
    if (status < 200 || status > 599) throw unreachable()
    const head = { status, statusText, headers: headersOf(message) }
    if (question.method !== 'HEAD' && !BODILESS.includes(status)) {
      return { ...head, body: new AnswerBody(message, grant.maxBodyBytes) }
    }
    letGo(message)
    return { ...head, body: undefined }
  } catch (error) {
    letGo(message)
    throw error
  }
}

const letGo = (message: IncomingMessage): void => {
  // What comes of it after that is nobody's.
  message.on('error', () => {})
  message.destroy()
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
