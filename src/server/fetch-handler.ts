import { RingfenceError } from '../core/errors.ts'
import type { HttpRequest } from '../functions/events.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import type { Responding } from '../functions/responding.ts'
import type { HttpAnswer, HttpHead } from '../functions/words.ts'
import { OPERATOR } from './access.ts'
import { accessTo, answerOf, errorAnswer, namesOf, UNAUTHORIZED } from './http-answers.ts'
import { ERROR_STATUS } from './http-status.ts'

/** What `createFetchHandler` may be told. */
export interface FetchHandlerOptions {
  /** What stands before the name of a function in a path; `/fn` when not given. */
  readonly base?: string
  /** Whether a request may call functions that are not public, and be told what went wrong inside them; none may when not given. */
  readonly isAllowed?: (request: Request) => boolean | Promise<boolean>
  /** The largest body of a request, 6 MiB when not given. */
  readonly bodyBytes?: number
}

/** Answers a request of the web. */
export type FetchHandler = (request: Request) => Promise<Response>

const BODY_BYTES = 6 * 2 ** 20
/** Statuses whose answers have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * Makes a handler that calls functions by requests of the web, to be mounted in a server of one's own: `/fn/NAME@VERSION/rest`
 * as `ringfence serve` has it. Never rejects for what a function or its caller does.
 */
export function createFetchHandler(host: FunctionHost, options: FetchHandlerOptions = {}): FetchHandler {
  const { base = '/fn', isAllowed = () => false, bodyBytes = BODY_BYTES } = options
  if (!base.startsWith('/') || base.endsWith('/')) {
    throw new RangeError(
      `Cannot create fetch handler: "base" must begin with a slash and not end with one, received "${base}"`,
    )
  }
  return async (request) => {
    const url = new URL(request.url)
    const [, wanted = '', rest = '/'] = url.pathname.startsWith(`${base}/`)
      ? (/^([^/]+)(\/.*)?$/s.exec(url.pathname.slice(base.length + 1)) ?? [])
      : []
    if (wanted === '') return responseOf(errorAnswer(404, 'not_found', `There is no ${request.method} ${url.pathname}`))
    const [name = '', qualifier] = decodeURIComponentSafely(wanted).split('@')
    const access = await accessTo(host, name, (await isAllowed(request)) ? OPERATOR : undefined)
    if (access === undefined) return responseOf(errorAnswer(401, 'unauthorized', UNAUTHORIZED))
    const body = await bodyOf(request, bodyBytes)
    if (body === undefined) return responseOf(tooLarge(bodyBytes))
    const left = new AbortController()
    const signal = AbortSignal.any([request.signal, left.signal])
    const given = { request: { ...headOf(request), url: `${url.origin}${rest}${url.search}`, body } }
    try {
      const responding = await host.stream(name, given, { signal, ...(qualifier !== undefined && { qualifier }) })
      if (!responding.isOpen) return responseOf(answerOf(responding.invocation, access === 'seeing'))
      return openResponse(responding, left)
    } catch (error) {
      if (!(error instanceof RingfenceError)) throw error
      return responseOf(errorAnswer(ERROR_STATUS[error.code] ?? 500, error.code, error.message))
    }
  }
}

const tooLarge = (most: number): HttpAnswer => errorAnswer(413, 'bad_request', `The body has more than ${most} bytes`)

const headOf = ({ method, headers }: Request): Pick<HttpRequest, 'method' | 'headers'> => ({
  method,
  headers: [...headers],
})

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Reads no more than is allowed, whatever the request says of its length. */
async function bodyOf({ body }: Request, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  const stream: ReadableStream<Uint8Array> | null = body
  for await (const part of stream ?? []) {
    length += part.length
    if (length > most) return undefined
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function responseOf({ status, headers, body }: HttpAnswer): Response {
  const isBodiless = BODILESS.has(status)
  return new Response(isBodiless ? null : body, { status, headers: headersOf(headers) })
}

/** Who gives up the body ends the function. */
function openResponse(
  { id, version, status, headers, body }: Extract<Responding, { readonly isOpen: true }>,
  left: AbortController,
): Response {
  const pieces = body[Symbol.asyncIterator]()
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await pieces.next()
      if (next.done === true) controller.close()
      else controller.enqueue(new Uint8Array(next.value))
    },
    cancel: () => left.abort(),
  })
  const all = headersOf([...namesOf({ id, version }), ...headers])
  return new Response(BODILESS.has(status) ? null : stream, { status, headers: all })
}

function headersOf(pairs: HttpHead['headers']): Headers {
  const headers = new Headers()
  for (const [name, value] of pairs) headers.append(name, value)
  return headers
}
