/**
 * Stands between a function host and a function, inside the sandbox: finds the handler, hands it what a handler of its kind
 * expects, and makes data of what it answers. Prepared and run as any program is, with no rights of its own.
 */

type Handler = (...args: readonly unknown[]) => unknown
type Found = { readonly kind: 'fetch' | 'lambda' | 'plain'; readonly handle: Handler }
type Headers = readonly (readonly [name: string, value: string])[]
type Module = Readonly<Record<string, unknown>>

interface HttpAnswer {
  readonly kind: 'http'
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

interface JsonAnswer {
  readonly kind: 'json'
  /** Absent when the handler answered with nothing. */
  readonly text: string | undefined
}

/** What the host says of one call. */
interface Call {
  readonly as: 'http' | 'json'
  readonly handler?: string
  readonly environment: Readonly<Record<string, string>>
  readonly request: {
    readonly url: string
    readonly method: string
    readonly headers: [string, string][]
    readonly body: Uint8Array<ArrayBuffer>
  }
  /** For a handler of the Lambda kind. */
  readonly event: unknown
  /** For a plain function: this, or what is written here in JSON. */
  readonly input?: unknown
  readonly inputJson?: string
  readonly context: Readonly<Record<string, unknown>> & { readonly awsRequestId: string; readonly deadline: number }
}

let found: Found | undefined

const isRecord = (value: unknown): value is Module => typeof value === 'object' && value !== null
const isHandler = (value: unknown): value is Handler => typeof value === 'function'

const notFound = (message: string): Error => Object.assign(new Error(message), { name: 'Runtime.HandlerNotFound' })

/** Reads a path such as `api.users` among a module's exports. */
function exported(module: Module, path: string): unknown {
  let value: unknown = module
  for (const key of path.split('.')) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function handlerOf(module: Module, path: string | undefined): Found {
  if (path !== undefined) {
    const handle = exported(module, path)
    if (isHandler(handle)) return { kind: 'lambda', handle }
    throw notFound(`"${path}" is no exported function`)
  }
  const { default: preset, handler } = module
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
async function find({ handler, environment }: Call): Promise<Found> {
  if (!('process' in globalThis)) Object.assign(globalThis, { process: { env: { ...environment } } })
  // @ts-expect-error The host names the function's own text here.
  const module: unknown = await import('ringfence:function')
  return handlerOf(isRecord(module) ? module : {}, handler)
}

/** Calls a handler as Lambda does, be it one that answers by a callback. */
function callLambda(handle: Handler, { event, context: { deadline, ...context } }: Call): unknown {
  const told = { ...context, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) }
  if (handle.length < 3) return handle(event, told)
  return new Promise((resolve, reject) => {
    const done = (error: unknown, value?: unknown): void => {
      if (error === null || error === undefined) resolve(value)
      // Whatever a handler gives is what its caller is to be told.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      else reject(error)
    }
    const more = { callbackWaitsForEmptyEventLoop: true, done, succeed: resolve, fail: reject }
    const given = handle(event, { ...told, ...more }, done)
    if (given instanceof Promise) given.then(resolve, reject)
  })
}

/** Calls a handler as the web's workers do, and waits for what it left to be done. */
async function callFetch(handle: Handler, { as, request, input, environment, context }: Call): Promise<HttpAnswer> {
  const { url, method, headers } = request
  const body = as === 'json' ? bytesOf(jsonOf(input) ?? '') : request.body
  const bodiless = method === 'GET' || method === 'HEAD' || body.length === 0
  const rest: Promise<unknown>[] = []
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
  const bytes = new Uint8Array(await response.arrayBuffer())
  for (const work of await Promise.allSettled(rest)) {
    if (work.status === 'rejected') console.error('waitUntil:', work.reason)
  }
  const cookies = response.headers.getSetCookie().map((cookie): [string, string] => ['set-cookie', cookie])
  const others = [...response.headers].filter(([name]) => name !== 'set-cookie')
  return { kind: 'http', status: response.status, headers: [...others, ...cookies], body: bytes }
}

/** Written here, inside the limits: what is small in memory may be endless once written out. */
const jsonOf = (value: unknown): string | undefined => JSON.stringify(value)

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const plainAnswer = (status: number, type: string, body: Uint8Array): HttpAnswer => ({
  kind: 'http',
  status,
  headers: [['content-type', type]],
  body,
})

/** The answer over HTTP that a value stands for: text, bytes, JSON or nothing. */
function valueAsHttp(value: unknown): HttpAnswer {
  if (typeof value === 'string') return plainAnswer(200, 'text/plain; charset=utf-8', bytesOf(value))
  if (value instanceof Uint8Array) return plainAnswer(200, 'application/octet-stream', value)
  const json = jsonOf(value)
  if (json === undefined) return { kind: 'http', status: 204, headers: [], body: new Uint8Array() }
  return plainAnswer(200, 'application/json', bytesOf(json))
}

/** The answer of a Lambda function URL: an object with `statusCode` says all of it, anything else is JSON. */
function lambdaAsHttp(value: unknown): HttpAnswer {
  if (!isRecord(value) || typeof value['statusCode'] !== 'number') {
    return plainAnswer(200, 'application/json', bytesOf(typeof value === 'string' ? value : (jsonOf(value) ?? 'null')))
  }
  const { statusCode: status, headers, cookies, body = '', isBase64Encoded } = value
  const named = Object.entries(isRecord(headers) ? headers : {}).map(([name, text]): [string, string] => [
    name.toLowerCase(),
    String(text),
  ])
  const type: Headers = named.some(([name]) => name === 'content-type') ? [] : [['content-type', 'application/json']]
  const set = Array.isArray(cookies) ? cookies.map((cookie): [string, string] => ['set-cookie', String(cookie)]) : []
  const text = typeof body === 'string' ? body : (jsonOf(body) ?? '')
  const bytes = isBase64Encoded === true ? Uint8Array.from(atob(text), (one) => one.charCodeAt(0)) : bytesOf(text)
  return { kind: 'http', status, headers: [...named, ...type, ...set], body: bytes }
}

/** An answer over HTTP as data, for who asked for data. */
function httpAsValue({ status, headers, body }: HttpAnswer): unknown {
  return { statusCode: status, headers: Object.fromEntries(headers), body: new TextDecoder().decode(body) }
}

/** Calls a plain function; a body that is not what it says never reaches it. */
async function callPlain(handle: Handler, { as, input, inputJson }: Call): Promise<HttpAnswer | JsonAnswer> {
  let given = input
  try {
    if (inputJson !== undefined) given = JSON.parse(inputJson)
  } catch (error) {
    return plainAnswer(400, 'text/plain; charset=utf-8', bytesOf(`The body is no JSON: ${String(error)}\n`))
  }
  const value = await handle(given)
  return as === 'json' ? { kind: 'json', text: jsonOf(value) } : valueAsHttp(value)
}

/** Answers one call: over HTTP as a response, otherwise as JSON. */
export async function answer(call: Call): Promise<HttpAnswer | JsonAnswer> {
  found ??= await find(call)
  const { kind, handle } = found
  if (kind === 'fetch') {
    const response = await callFetch(handle, call)
    return call.as === 'http' ? response : { kind: 'json', text: jsonOf(httpAsValue(response)) }
  }
  if (kind === 'plain') return callPlain(handle, call)
  const value = await callLambda(handle, call)
  return call.as === 'json' ? { kind: 'json', text: jsonOf(value) } : lambdaAsHttp(value)
}

/** Says of which kind the function is, once its text has been run and its handler found. */
export async function check(call: Call): Promise<Found['kind']> {
  found ??= await find(call)
  return found.kind
}
