import { bytesOf, type Call, type Handler, isRecord, jsonOf } from './call.ts'
import {
  type Answer,
  asBytes,
  type Bytes,
  type Head,
  type Headers,
  joined,
  type Pieces,
  pieces,
  plain,
  withBody,
} from './pieces.ts'
import { ResponseStream } from './response-stream.ts'

/** How Lambda's own runtime marks a handler that streams. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

/** What Lambda's runtime for Node has in the global scope. */
export const AWSLAMBDA: object = {
  streamifyResponse: (handler: Handler) => Object.defineProperty(handler, STREAMING, { value: 'response' }),
  HttpResponseStream: {
    from(stream: unknown, metadata: unknown): unknown {
      if (!(stream instanceof ResponseStream)) throw new TypeError('HttpResponseStream.from takes a response stream')
      stream.begin(isRecord(metadata) ? metadata : {})
      return stream
    },
  },
}

const streams = (handle: Handler): boolean => Reflect.get(handle, STREAMING) === 'response'

const contextOf = ({ context, deadline }: Call): object => ({
  ...context,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
})

/** Calls a handler that answers as a whole, be it by a callback. */
function callWhole(handle: Handler, call: Call): unknown {
  if (handle.length < 3) return handle(call.event, contextOf(call))
  return new Promise((resolve, reject) => {
    const done = (error: unknown, value?: unknown): void => {
      if (error === null || error === undefined) resolve(value)
      // Whatever a handler gives is what its caller is to be told.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      else reject(error)
    }
    const more = { callbackWaitsForEmptyEventLoop: true, done, succeed: resolve, fail: reject }
    const given = handle(call.event, { ...contextOf(call), ...more }, done)
    if (given instanceof Promise) given.then(resolve, reject)
  })
}

/** Calls a handler that writes its answer to a stream, which ends with it. */
function callStreaming(handle: Handler, call: Call): ResponseStream {
  const stream = new ResponseStream()
  const run = async (): Promise<void> => {
    try {
      await handle(call.event, stream, contextOf(call))
      stream.end()
    } catch (error) {
      stream.destroy(error)
    }
  }
  void run()
  return stream
}

/** What a handler answers with, as a value in JSON; what it streams is taken as text. */
export async function lambdaAsJson(handle: Handler, call: Call): Promise<string | undefined> {
  if (!streams(handle)) return jsonOf(await callWhole(handle, call))
  const stream = callStreaming(handle, call)
  await stream.begun
  return new TextDecoder().decode(await joined(withPrelude(stream)))
}

/** What a handler answers with, byte by byte, as who calls it by `InvokeWithResponseStream` reads it. */
export async function* lambdaAsBytes(handle: Handler, call: Call): Pieces {
  if (!streams(handle)) return plain(200, 'application/json', bytesOf(jsonOf(await callWhole(handle, call)) ?? 'null'))
  const stream = callStreaming(handle, call)
  await stream.begun
  const type =
    stream.metadata === undefined ? stream.contentType : 'application/vnd.awslambda.http-integration-response'
  return yield* pieces({ status: 200, headers: [['content-type', type]] }, withPrelude(stream))
}

/** What a handler answers with, over HTTP. */
export async function* lambdaAsHttp(handle: Handler, call: Call): Pieces {
  if (!streams(handle)) return valueAsHttp(await callWhole(handle, call))
  const stream = callStreaming(handle, call)
  await stream.begun
  return yield* pieces(headOf({ statusCode: 200, ...stream.metadata }, stream.contentType), stream.bytes())
}

/** The bytes of a stream, after what its handler said of them: in JSON, with eight zeros behind it. */
async function* withPrelude(stream: ResponseStream): AsyncGenerator<Uint8Array, void, undefined> {
  if (stream.metadata !== undefined) {
    yield bytesOf(jsonOf(stream.metadata) ?? '{}')
    yield new Uint8Array(8)
  }
  const bytes: Bytes = stream.bytes()
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next()) yield asBytes(next.value)
}

function headOf(said: Readonly<Record<string, unknown>>, type: string): Head {
  const { statusCode, headers, cookies } = said
  const named = Object.entries(isRecord(headers) ? headers : {}).map(([name, text]): [string, string] => [
    name.toLowerCase(),
    String(text),
  ])
  const typed: Headers = named.some(([name]) => name === 'content-type') ? [] : [['content-type', type]]
  const set = Array.isArray(cookies) ? cookies.map((cookie): [string, string] => ['set-cookie', String(cookie)]) : []
  return { status: Number(statusCode), headers: [...named, ...typed, ...set] }
}

/** The answer of a Lambda function URL: an object with `statusCode` says all of it, anything else is JSON. */
function valueAsHttp(value: unknown): Answer {
  if (!isRecord(value) || typeof value['statusCode'] !== 'number') {
    return plain(200, 'application/json', bytesOf(typeof value === 'string' ? value : (jsonOf(value) ?? 'null')))
  }
  const { body = '', isBase64Encoded } = value
  const text = typeof body === 'string' ? body : (jsonOf(body) ?? '')
  const bytes = isBase64Encoded === true ? Uint8Array.from(atob(text), (one) => one.charCodeAt(0)) : bytesOf(text)
  return withBody(headOf(value, 'application/json'), bytes)
}
