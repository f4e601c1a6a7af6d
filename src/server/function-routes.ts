import { pipeline } from 'node:stream/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { HttpRequest } from '../functions/events.ts'
import type { Responding } from '../functions/responding.ts'
import type { Invocation } from '../functions/words.ts'
import type { Face } from './face.ts'
import { accessTo, answerOf, namesOf, UNAUTHORIZED } from './http-answers.ts'
import { leaving } from './leaving.ts'
import { refuse } from './refuse.ts'

interface FunctionParams {
  readonly name: string
  readonly '*'?: string
}

type Request = FastifyRequest<{ Params: FunctionParams }>

/** What stands between the name and the qualifier, as in `/fn/hello@3`. */
const QUALIFIER = '@'
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** The functions themselves: whatever comes to `/fn/NAME` and below goes to its handler. */
export function addFunctionRoutes(server: FastifyInstance, face: Face): void {
  for (const url of ['/fn/:name', '/fn/:name/*']) {
    server.route<{ Params: FunctionParams }>({
      method: [...METHODS],
      url,
      // A `HEAD` is the function's own to answer.
      exposeHeadRoute: false,
      handler: (request, reply) => callFunction(request, reply, face),
    })
  }
}

async function callFunction(
  request: Request,
  reply: FastifyReply,
  { host, hurry, whoSends, isOpen }: Face,
): Promise<FastifyReply> {
  const [name = '', qualifier] = request.params.name.split(QUALIFIER)
  const principal = await whoSends(request)
  const access = await accessTo(host, name, principal)
  if (access === undefined) return askForToken(reply)
  const given = { request: requestOf(request, principal !== undefined && !isOpen) }
  const responding = await host.stream(name, given, {
    ...(qualifier !== undefined && { qualifier }),
    signal: leaving(reply.raw),
  })
  if (!responding.isOpen) return tell(responding.invocation, reply, access === 'seeing')
  hurry(reply)
  return send(responding, reply)
}

/**
 * Sends an answer as it is made, its head at once. One that ends badly after that ends with its connection, before its last
 * chunk, so that no client takes it for complete.
 */
async function send(
  { id, version, status, headers, body }: Extract<Responding, { readonly isOpen: true }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.hijack()
  reply.raw.writeHead(status, [...headers.map(([name, value]) => [name, value]), ...namesOf({ id, version })].flat())
  reply.raw.flushHeaders()
  try {
    await pipeline(body, reply.raw)
  } catch {
    reply.raw.destroy()
  }
  return reply
}

/** Asks for the token, in the way that clients understand. */
export const askForToken = (reply: FastifyReply): FastifyReply =>
  refuse(reply.header('www-authenticate', 'Bearer'), 401, 'unauthorized', UNAUTHORIZED)

/** A request as its function sees it: its path without what leads to the function, and never the host's own token. */
function requestOf(request: Request, hasToken: boolean): HttpRequest {
  const { method, raw, headers, params } = request
  const query = /\?.*$/s.exec(request.url)?.[0] ?? ''
  const body: unknown = request.body
  const pairs: [string, string][] = []
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = (raw.rawHeaders[at] ?? '').toLowerCase()
    if (name !== 'authorization' || !hasToken) pairs.push([name, raw.rawHeaders[at + 1] ?? ''])
  }
  const prefix = `/fn/${params.name}`
  const path = request.url.slice(0, request.url.length - query.length)
  const rest = path.length > prefix.length && path.startsWith(prefix) ? path.slice(prefix.length) : '/'
  return {
    method,
    url: new URL(`http://${headers.host ?? 'localhost'}${rest}${query}`).href,
    headers: pairs,
    body: Buffer.isBuffer(body) ? new Uint8Array(body) : new Uint8Array(),
    clientAddress: request.ip,
  }
}

function tell(invocation: Invocation, reply: FastifyReply, isKnown: boolean): FastifyReply {
  const { status, headers, body } = answerOf(invocation, isKnown)
  for (const [name, value] of headers) reply.header(name, value)
  return reply.code(status).send(Buffer.from(body))
}
