import { DEFAULT_LIMITS, lowerLimits } from '../core/limits.ts'
import type { Chosen } from './registry.ts'

/** A request over HTTP, as a function is told of it. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array<ArrayBuffer>
  /** The address of who called. */
  readonly clientAddress?: string
}

/** What a call brings: a request, or data, with what a Lambda client says besides. */
export type Given = { readonly request: HttpRequest } | { readonly input: unknown; readonly clientContext?: unknown }

/** Where functions say they are, for code that reads it from names. */
const LOCAL_REGION = 'local'

/** A request without anything in it, for calls that came another way. */
const emptyRequest = (name: string): HttpRequest => ({
  method: 'POST',
  url: `http://localhost/fn/${name}`,
  headers: [['content-type', 'application/json']],
  body: new Uint8Array(),
})

/** What the adapter is told of one call: everything that any kind of handler may want. */
export function callOf(
  chosen: Chosen,
  environment: Readonly<Record<string, string>>,
  given: Given,
  id: string,
): object {
  const { record, version } = chosen
  const { handler, trust, limits } = version.settings
  const request = 'request' in given ? given.request : emptyRequest(record.name)
  const { method, url, headers, body } = request
  return {
    as: 'request' in given ? 'http' : 'json',
    ...(handler !== undefined && { handler }),
    environment,
    lambda: lambdaEnvironment(chosen),
    request: { method, url, headers: headers.map(([name, value]) => [name, value]), body },
    ...('request' in given
      ? { event: functionUrlEvent(record.name, id, request), ...inputOf(request) }
      : { event: given.input, input: given.input }),
    context: {
      ...lambdaContext(chosen, id),
      ...('clientContext' in given && { clientContext: given.clientContext }),
    },
    wallMs: lowerLimits(DEFAULT_LIMITS[trust], limits).wallMs,
  }
}

/** What Lambda tells a function of itself in its environment, as far as there is such a thing here. */
function lambdaEnvironment(chosen: Chosen): Readonly<Record<string, string>> {
  const { functionName, functionVersion, memoryLimitInMB, logGroupName, logStreamName } = aboutFunction(chosen)
  return {
    AWS_EXECUTION_ENV: 'ringfence',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: functionVersion,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: LOCAL_REGION,
    LAMBDA_TASK_ROOT: '/var/task',
    TZ: ':UTC',
    _HANDLER: chosen.version.settings.handler ?? 'index.handler',
  }
}

interface AboutFunction {
  readonly functionName: string
  readonly functionVersion: string
  readonly memoryLimitInMB: string
  readonly logGroupName: string
  readonly logStreamName: string
}

/** What both a Lambda context and its environment say of a function. */
function aboutFunction({ record, version }: Chosen): AboutFunction {
  const { limits, trust } = version.settings
  const { memoryBytes } = lowerLimits(DEFAULT_LIMITS[trust], limits)
  return {
    functionName: record.name,
    functionVersion: String(version.number),
    memoryLimitInMB: String(Math.round(memoryBytes / 2 ** 20)),
    logGroupName: `/ringfence/${record.name}`,
    logStreamName: `${version.number}/${version.hash.slice(0, 32)}`,
  }
}

const lambdaContext = (chosen: Chosen, id: string): object => ({
  ...aboutFunction(chosen),
  awsRequestId: id,
  invokedFunctionArn: `arn:aws:lambda:${LOCAL_REGION}:000000000000:function:${chosen.record.name}`,
})

/**
 * What a plain function is given of a request: its JSON, its form or text; of one without a body, its query. JSON is read in the
 * sandbox, by who wants it: a handler of another kind may take a body that only says that it is JSON.
 */
function inputOf({ url, headers, body }: HttpRequest): { readonly input?: unknown; readonly inputJson?: string } {
  const type = headerOf(headers, 'content-type') ?? ''
  if (body.length === 0) {
    const query = Object.fromEntries(new URL(url).searchParams)
    return { input: Object.keys(query).length === 0 ? undefined : query }
  }
  if (/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return { inputJson: new TextDecoder().decode(body) }
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return { input: Object.fromEntries(new URLSearchParams(new TextDecoder().decode(body))) }
  }
  return { input: /^text\//i.test(type) ? new TextDecoder().decode(body) : body }
}

const headerOf = (headers: HttpRequest['headers'], wanted: string): string | undefined =>
  headers.find(([name]) => name === wanted)?.[1]

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** As in `12/Mar/2026:19:03:58 +0000`. */
function logTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`
}

const isText = (type: string): boolean =>
  /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded)|[^;]+\+(?:json|xml))/i.test(type)

/** One value for each name, what comes more than once joined by commas. */
function joinedBy(pairs: HttpRequest['headers']): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const [name, value] of pairs) {
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(values)
}

/** The event of a Lambda function URL, payload version 2.0. */
function functionUrlEvent(
  name: string,
  id: string,
  { method, url, headers, body, clientAddress }: HttpRequest,
): object {
  const { pathname, search, searchParams, host } = new URL(url)
  const joined = joinedBy(headers.filter(([key]) => key !== 'cookie'))
  const query = joinedBy([...searchParams])
  const cookies = headers.filter(([key]) => key === 'cookie').flatMap(([, value]) => value.split(/; */))
  const asText = isText(joined['content-type'] ?? 'text/plain')
  const now = new Date()
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookies.length > 0 && { cookies }),
    headers: joined,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: 'anonymous',
      apiId: name,
      domainName: host,
      domainPrefix: name,
      http: {
        method,
        path: pathname,
        protocol: 'HTTP/1.1',
        sourceIp: clientAddress ?? '127.0.0.1',
        userAgent: joined['user-agent'] ?? '',
      },
      requestId: id,
      routeKey: '$default',
      stage: '$default',
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: asText ? new TextDecoder().decode(body) : Buffer.from(body).toString('base64') }),
    isBase64Encoded: body.length > 0 && !asText,
  }
}
