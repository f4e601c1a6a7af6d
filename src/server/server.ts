import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { RingfenceError } from '../core/errors.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import { tokenCheck } from './access.ts'
import { addControlRoutes } from './control-routes.ts'
import type { Face } from './face.ts'
import { addFunctionRoutes } from './function-routes.ts'
import { ERROR_STATUS } from './http-status.ts'
import { addLambdaRoutes } from './lambda/lambda-routes.ts'
import type { AwsKey } from './lambda/signature.ts'
import { Metrics } from './metrics.ts'
import { refuse } from './refuse.ts'

/** What `createServer` may be told. */
export interface ServerOptions {
  /**
   * The operator's. Whoever controls functions, or calls one that is not public, is asked for it or for one that the host
   * gave away; nobody is asked without one.
   */
  readonly token?: string | undefined
  /** What AWS clients sign their requests with; without it they are let in only where nobody is asked for a token. */
  readonly awsKey?: AwsKey | undefined
  /** The largest body of a request. */
  readonly bodyBytes?: number
  /** How long a client may take for its whole request. */
  readonly requestMs?: number
  /** How long a client may take for the head of its request. */
  readonly headersMs?: number
  /** How long a client may take nothing of an answer; also the longest silence of a function in the middle of one. */
  readonly readMs?: number
  /** How many connections there may be at once; who comes beyond is not let in. */
  readonly connections?: number
}

export type HttpLimits = Required<
  Pick<ServerOptions, 'bodyBytes' | 'requestMs' | 'headersMs' | 'readMs' | 'connections'>
>

/** The limits against slow and greedy clients, where nothing else is said. */
export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 6 * 1024 * 1024,
  requestMs: 30_000,
  headersMs: 10_000,
  readMs: 120_000,
  connections: 10_000,
}
/** How often Node looks for clients that take too long. */
const CHECK_EVERY_MS = 1000

/** The HTTP face of a function host. The caller owns both; closing the server waits for answers under way. */
export function createServer(host: FunctionHost, options: ServerOptions = {}): FastifyInstance {
  const { token, awsKey } = options
  const { bodyBytes, requestMs, headersMs, readMs, connections } = httpLimitsOf(options)
  const server = fastify({
    bodyLimit: bodyBytes,
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: CHECK_EVERY_MS },
    forceCloseConnections: 'idle',
    // It would be said without a reason, also of whether it is ready.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
  })
  server.server.maxConnections = connections
  // Node ends a connection whose time is up, and forgets of it with the answer.
  const hurry = (reply: FastifyReply): void => void reply.raw.setTimeout(readMs)
  server.addHook('onSend', async (_request, reply) => hurry(reply))
  const check = tokenCheck(token, host.tokens)
  const metrics = new Metrics(host)
  server.addHook('onClose', () => metrics[Symbol.dispose]())
  const face: Face = {
    host,
    metrics,
    whoSends: ({ headers }) => check(headers.authorization),
    awsKey,
    hurry,
    isOpen: token === undefined,
  }
  // A function gets the bytes that were sent, whatever they are called.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.setErrorHandler(tellError)
  server.setNotFoundHandler((request, reply) =>
    refuse(reply, 404, 'not_found', `There is no ${request.method} ${request.url}`),
  )
  addHealth(server, host)
  addFunctionRoutes(server, face)
  addControlRoutes(server, face)
  addLambdaRoutes(server, face)
  return server
}

/** Throws `RangeError` for a limit that is no whole number above 0. */
function httpLimitsOf(options: ServerOptions): HttpLimits {
  const { bodyBytes, requestMs, headersMs, readMs, connections } = { ...HTTP_LIMITS, ...options }
  const limits = { bodyBytes, requestMs, headersMs, readMs, connections }
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw new RangeError(`Cannot serve functions: "${name}" must be a whole number above 0, received ${value}`)
  }
  return limits
}

const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Whether it lives, and whether it should be sent new calls. */
function addHealth(server: FastifyInstance, host: FunctionHost): void {
  let isClosing = false
  server.addHook('preClose', async () => {
    isClosing = true
  })
  server.addHook('onRequest', (request, reply, done) => {
    if (!isClosing) return done()
    reply.header('connection', 'close')
    if (HEALTH.has(request.url)) return done()
    return refuse(
      reply.header('retry-after', '1'),
      503,
      'closing',
      'The server finishes what runs and takes nobody new',
    )
  })
  server.get('/healthz', () => ({ status: 'ok' }))
  server.get('/readyz', (_request, reply) => {
    const readiness = host.readiness(isClosing ? ['the server finishes what runs and takes nobody new'] : [])
    return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness)
  })
}

/** What was asked wrongly is told; what went wrong in the host is not. */
function tellError(error: FastifyError | Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RingfenceError) {
    const { code, message } = error
    return refuse(reply, ERROR_STATUS[code] ?? 500, code, message)
  }
  const isCallers = error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : isCallers ? 400 : 500
  const message = status < 500 ? error.message : 'The host failed'
  return refuse(reply, status, status < 500 ? 'bad_request' : 'internal', message)
}
