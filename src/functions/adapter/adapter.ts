/**
 * Stands between a function host and a function, inside the sandbox: finds the handler, hands it what a handler of its kind
 * expects, and makes data of what it answers. Prepared and run as any program is, with no rights of its own.
 */
import {
  begun,
  bytesOf,
  type Call,
  type GivenCall,
  type Handler,
  isHandler,
  isRecord,
  jsonOf,
  type Module,
} from './call.ts'
import { AWSLAMBDA, lambdaAsBytes, lambdaAsHttp, lambdaAsJson } from './lambda.ts'
import { type Answer, type Bytes, type Head, joined, type Pieces, pieces, plain, withBody } from './pieces.ts'

type Found = { readonly kind: 'fetch' | 'lambda' | 'plain'; readonly handle: Handler }

interface JsonAnswer {
  readonly kind: 'json'
  /** Absent when the handler answered with nothing. */
  readonly text: string | undefined
}

const TEXT: Head['headers'] = [['content-type', 'text/plain; charset=utf-8']]

let found: Found | undefined

const notFound = (message: string): Error => Object.assign(new Error(message), { name: 'Runtime.HandlerNotFound' })

/** Reads a path such as `api.users` among a module's exports. */
function exported(module: Module, path: string): unknown {
  let value: unknown = module
  for (const key of path.split('.')) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function handlerOf(module: Module, path: string | undefined): Found {
  const { default: preset, handler } = module
  if (path !== undefined) {
    const handle = exported(module, path) ?? (isRecord(preset) ? exported(preset, path) : undefined)
    if (isHandler(handle)) return { kind: 'lambda', handle }
    throw notFound(`"${path}" is no exported function`)
  }
  if (isRecord(preset)) {
    const { fetch } = preset
    if (isHandler(fetch)) return { kind: 'fetch', handle: (...args) => Reflect.apply(fetch, preset, args) }
    if (isHandler(preset['handler'])) return { kind: 'lambda', handle: preset['handler'] }
  }
  if (isHandler(handler)) return { kind: 'lambda', handle: handler }
  if (isHandler(preset)) return { kind: 'plain', handle: preset }
  throw notFound('There is no default function, no default object with "fetch", and no function "handler"')
}

/** The environment is there before the function's own text is run for the first time. */
async function find({ handler, environment, lambda }: GivenCall): Promise<Found> {
  const process = { env: { ...lambda, ...environment } }
  for (const [name, value] of Object.entries({ process, awslambda: AWSLAMBDA })) {
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: value })
  }
  // @ts-expect-error The host names the function's own text here.
  const module: unknown = await import('ringfence:function')
  return handlerOf(isRecord(module) ? module : {}, handler)
}

/** Calls a handler as the web's workers do. What it leaves to be done goes to `rest`. */
async function callFetch(handle: Handler, call: Call, rest: Promise<unknown>[]): Promise<Response> {
  const { as, request, input, environment, context } = call
  const { url, method, headers } = request
  const body = as === 'json' ? bytesOf(jsonOf(input) ?? '') : request.body
  const bodiless = method === 'GET' || method === 'HEAD' || body.length === 0
  const response = await handle(
    new Request(url, { method, headers, ...(bodiless ? {} : { body }) }),
    { ...environment },
    {
      requestId: context.awsRequestId,
      props: {},
      passThroughOnException: () => {},
      waitUntil: (work: unknown) => void rest.push(Promise.resolve(work)),
    },
  )
  if (!(response instanceof Response)) throw new TypeError('The handler "fetch" did not answer with a Response')
  return response
}

/** Waits for what a handler left to be done. */
async function finish(rest: readonly Promise<unknown>[]): Promise<void> {
  for (const work of await Promise.allSettled(rest)) {
    if (work.status === 'rejected') console.error('waitUntil:', work.reason)
  }
}

function headersOf({ headers }: Response): Head['headers'] {
  const cookies = headers.getSetCookie().map((cookie): [string, string] => ['set-cookie', cookie])
  return [...[...headers].filter(([name]) => name !== 'set-cookie'), ...cookies]
}

async function* fetchAsHttp(handle: Handler, call: Call): Pieces {
  const rest: Promise<unknown>[] = []
  const response = await callFetch(handle, call, rest)
  const head = { status: response.status, headers: headersOf(response) }
  const { body } = response
  const whole = body === null ? withBody(head, new Uint8Array()) : yield* pieces(head, body[Symbol.asyncIterator]())
  await finish(rest)
  return whole
}

/** An answer over HTTP as data, for who asked for data. */
async function fetchAsJson(handle: Handler, call: Call): Promise<string | undefined> {
  const rest: Promise<unknown>[] = []
  const response = await callFetch(handle, call, rest)
  const body = await response.text()
  await finish(rest)
  return jsonOf({ statusCode: response.status, headers: Object.fromEntries(headersOf(response)), body })
}

/** The value that a plain function is given, or the answer to a body that is not what it says, which never reaches it. */
function inputOf({ input, inputJson }: Call): { readonly value: unknown } | { readonly refusal: Answer } {
  try {
    return { value: inputJson === undefined ? input : JSON.parse(inputJson) }
  } catch (error) {
    return { refusal: withBody({ status: 400, headers: TEXT }, bytesOf(`The body is no JSON: ${String(error)}\n`)) }
  }
}

/** A body that a value gives piece by piece: a generator or a stream. */
function bodyOf(value: unknown): Bytes | undefined {
  if (!isRecord(value) || Array.isArray(value) || value instanceof Uint8Array) return undefined
  const begin: unknown = Reflect.get(value, Symbol.asyncIterator) ?? Reflect.get(value, Symbol.iterator)
  if (!isHandler(begin)) return undefined
  const body: unknown = Reflect.apply(begin, value, [])
  return isBytes(body) ? body : undefined
}

const isBytes = (value: unknown): value is Bytes => isRecord(value) && isHandler(value['next'])

/** The answer over HTTP that a value stands for: text, bytes, JSON, nothing, or a body in pieces. */
async function* plainAsHttp(handle: Handler, call: Call): Pieces {
  const given = inputOf(call)
  if ('refusal' in given) return given.refusal
  const value = await handle(given.value)
  if (typeof value === 'string') return withBody({ status: 200, headers: TEXT }, bytesOf(value))
  if (value instanceof Uint8Array) return plain(200, 'application/octet-stream', value)
  const body = bodyOf(value)
  if (body !== undefined) return yield* pieces({ status: 200, headers: TEXT }, body)
  const json = jsonOf(value)
  return json === undefined
    ? withBody({ status: 204, headers: [] }, new Uint8Array())
    : plain(200, 'application/json', bytesOf(json))
}

async function plainAsJson(handle: Handler, { input }: Call): Promise<string | undefined> {
  const value = await handle(input)
  const body = bodyOf(value)
  return jsonOf(body === undefined ? value : new TextDecoder().decode(await joined(body)))
}

const AS_HTTP = { fetch: fetchAsHttp, lambda: lambdaAsHttp, plain: plainAsHttp }
const AS_JSON = { fetch: fetchAsJson, lambda: lambdaAsJson, plain: plainAsJson }

/** Answers one call with data. */
export async function answer(given: GivenCall): Promise<JsonAnswer> {
  const call = begun(given)
  const { kind, handle } = (found ??= await find(call))
  return { kind: 'json', text: await AS_JSON[kind](handle, call) }
}

/** Answers one call in pieces: over HTTP, or with the bytes that a Lambda handler gives. */
export async function* respond(given: GivenCall): Pieces {
  const call = begun(given)
  const { kind, handle } = (found ??= await find(call))
  if (call.as === 'http') return yield* AS_HTTP[kind](handle, call)
  if (kind === 'lambda') return yield* lambdaAsBytes(handle, call)
  return plain(200, 'application/json', bytesOf((await AS_JSON[kind](handle, call)) ?? 'null'))
}

/** Says of which kind the function is, once its text has been run and its handler found. */
export async function check(call: GivenCall): Promise<Found['kind']> {
  found ??= await find(call)
  return found.kind
}
