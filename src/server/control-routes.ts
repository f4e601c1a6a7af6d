import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { badDeployment, checkDeployment, issueText } from '../functions/deployment.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import type { LogLine } from '../functions/log-book.ts'
import { type Action, may, mayAtAll, type Principal, ROLES, type TokenGrant } from '../functions/roles.ts'
import type { FunctionRecord, Invocation } from '../functions/words.ts'
import { isFromElsewhere } from './access.ts'
import type { Face } from './face.ts'
import { askForToken } from './function-routes.ts'
import { FAILED, found, isPrivate } from './http-answers.ts'
import { refuse } from './refuse.ts'

interface NameParams {
  readonly name: string
}
interface Invoked {
  Params: NameParams
  Querystring: { readonly qualifier?: string }
}
interface AliasParams extends NameParams {
  readonly alias: string
}

const REASON = z.strictObject({ reason: z.string().min(1).max(1000) })
const ALIAS = z.strictObject({
  version: z.number().int().min(1),
  weights: z.record(z.string(), z.number()).exactOptional(),
})
const TOKEN: z.ZodType<TokenGrant> = z.strictObject({
  role: z.enum(ROLES),
  tenant: z.string().exactOptional(),
  note: z.string().max(200).exactOptional(),
})
const ROLLBACK = z.strictObject({ version: z.number().int().min(1).exactOptional() })

/** What is shown of a function: all but the values of its secrets. */
const shown = ({ secrets, ...record }: FunctionRecord): object => ({
  ...record,
  secrets: Object.keys(secrets),
})

/** Who sent a request of those that were let in. */
const senders = new WeakMap<FastifyRequest, Principal>()

/** Deploying, looking and stopping, each for who may: all of it below `/api`, but for the metrics. */
export function addControlRoutes(server: FastifyInstance, face: Face): void {
  server.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      const principal = await face.whoSends(request)
      if (principal === undefined) return askForToken(reply)
      if (face.isOpen && isFromElsewhere(request.headers)) {
        return refuse(reply, 403, 'forbidden', 'A page of another site may not control functions')
      }
      senders.set(request, principal)
      return undefined
    })
    addFor(scope, face, 'deploy', addDeploying)
    addFor(scope, face, 'stop', addStopping)
    addFor(scope, face, 'see', addSeeing)
    addFor(scope, face, 'invoke', addInvoking)
    addFor(scope, face, 'administer', addAdministering)
  })
}

/** Adds routes for who may do so, with the function that the path names: one of another tenant is not there. */
function addFor(
  server: FastifyInstance,
  face: Face,
  action: Action,
  add: (scope: FastifyInstance, face: Face) => void,
): void {
  server.register(async (scope) => {
    scope.addHook<{ Params: Partial<NameParams> }>('preHandler', async (request, reply) => {
      const principal = senderOf(request)
      if (!mayAtAll(principal, action)) {
        return refuse(reply, 403, 'forbidden', `The token is that of ${roleText(principal)}, who may not ${action}`)
      }
      const { name } = request.params
      const record = name === undefined || principal.tenant === undefined ? undefined : await found(face.host, name)
      if (record === undefined || may(principal, action, record.tenant)) return undefined
      return refuse(reply, 404, 'RF_NO_FUNCTION', `Function "${record.name}" does not exist`)
    })
    add(scope, face)
  })
}

const roleText = ({ role, tenant }: Principal): string =>
  `an ${role}`.replace('an d', 'a d') + (tenant === undefined ? '' : ` of tenant "${tenant}"`)

function senderOf(request: FastifyRequest): Principal {
  const principal = senders.get(request)
  if (principal === undefined) throw new Error('Cannot tell who sent a request that was not let in')
  return principal
}

function addDeploying(scope: FastifyInstance, { host }: Face): void {
  scope.put<{ Params: NameParams }>('/api/functions/:name', async (request, reply) => {
    const given = jsonOf(request.body)
    if (typeof given !== 'object' || given === null) throw badDeployment('the body must be a JSON object')
    const { tenant } = senderOf(request)
    const deployment = checkDeployment({ ...(tenant !== undefined && { tenant }), ...given, name: request.params.name })
    if (tenant !== undefined && deployment.tenant !== tenant) {
      return refuse(reply, 403, 'forbidden', `The token is for tenant "${tenant}", and not for "${deployment.tenant}"`)
    }
    const deployed = await host.install(deployment)
    return reply.code(deployed.unchanged ? 200 : 201).send(deployed)
  })
  scope.delete<{ Params: NameParams }>('/api/functions/:name', async ({ params }, reply) => {
    await host.remove(params.name)
    return reply.code(204).send()
  })
  scope.put<{ Params: AliasParams }>('/api/functions/:name/aliases/:alias', async ({ params, body }) => {
    const { version, weights } = parsed(ALIAS, body)
    return shown(await host.pointAlias(params.name, params.alias, version, weights))
  })
  scope.delete<{ Params: AliasParams }>('/api/functions/:name/aliases/:alias', async ({ params }) =>
    shown(await host.removeAlias(params.name, params.alias)),
  )
  scope.post<{ Params: NameParams }>('/api/functions/:name/rollback', async ({ params, body }) =>
    shown(await host.rollBack(params.name, parsed(ROLLBACK, body).version)),
  )
}

function addStopping(scope: FastifyInstance, { host }: Face): void {
  scope.post<{ Params: NameParams }>('/api/functions/:name/kill', async ({ params, body }) => ({
    ended: await host.kill(params.name, parsed(REASON, body).reason),
  }))
  scope.put<{ Params: NameParams }>('/api/functions/:name/block', async ({ params, body }) => ({
    ended: await host.block(params.name, parsed(REASON, body).reason),
  }))
  scope.delete<{ Params: NameParams }>('/api/functions/:name/block', async ({ params }) => ({
    unblocked: await host.unblock(params.name),
  }))
}

function addAdministering(scope: FastifyInstance, { host, metrics }: Face): void {
  scope.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()))
  scope.get('/api/tokens', async () => ({ tokens: await host.tokens.list() }))
  scope.post('/api/tokens', async ({ body }, reply) =>
    reply.code(201).send(await host.tokens.create(parsed(TOKEN, body))),
  )
  scope.delete<{ Params: { readonly id: string } }>('/api/tokens/:id', async ({ params }, reply) => {
    if (await host.tokens.remove(params.id)) return reply.code(204).send()
    return refuse(reply, 404, 'not_found', `There is no token "${params.id}"`)
  })
}

function addInvoking(scope: FastifyInstance, { host }: Face): void {
  scope.post<Invoked>('/api/functions/:name/invoke', (request) => invokeFor(senderOf(request), host, request))
}

async function invokeFor(
  principal: Principal,
  host: FunctionHost,
  { params, body, query }: FastifyRequest<Invoked>,
): Promise<object> {
  const { execution, answer, ...invocation } = await host.invoke(params.name, jsonOf(body), query)
  const value: unknown = answer?.kind === 'json' && answer.text !== undefined ? JSON.parse(answer.text) : undefined
  if (!may(principal, 'see', invocation.tenant)) return { ...invocation, ...hidden(invocation), value }
  const usage = execution && { tier: execution.tier, isolation: execution.isolation, usage: execution.usage }
  return { ...invocation, value, ...usage, logs: execution?.logs ?? [] }
}

/** What is said instead of what went wrong inside a function to who may not look into it. */
const hidden = ({ status }: Pick<Invocation, 'status'>): { readonly detail?: string } =>
  isPrivate(status) ? { detail: FAILED } : {}

async function listFor(principal: Principal, host: FunctionHost): Promise<object> {
  return { functions: (await host.list()).filter(({ tenant }) => may(principal, 'see', tenant)).map(shown) }
}

function addSeeing(scope: FastifyInstance, { host }: Face): void {
  scope.get('/api/functions', (request) => listFor(senderOf(request), host))
  scope.get<{ Params: NameParams }>('/api/functions/:name', async ({ params }) => shown(await host.show(params.name)))
  scope.get<{ Params: NameParams }>('/api/functions/:name/versions', async ({ params }) => ({
    versions: await host.versions(params.name),
  }))
  scope.get<{ Params: NameParams; Querystring: { readonly follow?: string } }>(
    '/api/functions/:name/logs',
    async (request, reply) => {
      const { name } = await host.show(request.params.name)
      if (request.query.follow === undefined) return { lines: host.logs(name) }
      return follow(request, reply, (signal) => host.followLogs(name, signal))
    },
  )
}

/** Sends lines as server-sent events until the client leaves. */
async function follow(
  request: FastifyRequest,
  reply: FastifyReply,
  linesUntil: (signal: AbortSignal) => AsyncIterable<LogLine>,
): Promise<FastifyReply> {
  const left = new AbortController()
  request.raw.socket.on('close', () => left.abort())
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  reply.raw.flushHeaders()
  for await (const line of linesUntil(left.signal)) {
    const isTaken = reply.raw.write(`data: ${JSON.stringify(line)}\n\n`)
    if (!isTaken && !left.signal.aborted) await drained(reply, left.signal)
  }
  reply.raw.end()
  return reply
}

const drained = (reply: FastifyReply, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    reply.raw.once('drain', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Reads a body as JSON; one that is empty stands for nothing. */
function jsonOf(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  return text === '' ? undefined : JSON.parse(text)
}

function parsed<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const result = schema.safeParse(jsonOf(body) ?? {})
  if (result.success) return result.data
  throw new TypeError(`The body is wrong: ${result.error.issues.map(issueText).join('; ')}`)
}
