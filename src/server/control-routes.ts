import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { badDeployment, checkDeployment, issueText } from '../functions/deployment.ts'
import type { LogLine } from '../functions/log-book.ts'
import type { FunctionRecord } from '../functions/words.ts'
import { isFromElsewhere } from './access.ts'
import type { Face } from './face.ts'
import { askForToken } from './function-routes.ts'
import { refuse } from './refuse.ts'

interface NameParams {
  readonly name: string
}
interface AliasParams extends NameParams {
  readonly alias: string
}

const REASON = z.strictObject({ reason: z.string().min(1).max(1000) })
const ALIAS = z.strictObject({
  version: z.number().int().min(1),
  weights: z.record(z.string(), z.number()).exactOptional(),
})
const ROLLBACK = z.strictObject({ version: z.number().int().min(1).exactOptional() })

/** What is shown of a function: all but the values of its secrets. */
const shown = ({ secrets, ...record }: FunctionRecord): object => ({
  ...record,
  secrets: Object.keys(secrets),
})

/** Deploying, looking and stopping, for who has the token: all of it below `/api`, but for the metrics. */
export function addControlRoutes(server: FastifyInstance, face: Face): void {
  server.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (!face.isAllowed(request)) return askForToken(reply)
      if (face.isOpen && isFromElsewhere(request.headers)) {
        return refuse(reply, 403, 'forbidden', 'A page of another site may not control functions')
      }
      return undefined
    })
    addDeploying(scope, face)
    addStopping(scope, face)
    addSeeing(scope, face)
  })
}

function addDeploying(scope: FastifyInstance, { host }: Face): void {
  scope.get('/api/functions', async () => ({ functions: (await host.list()).map(shown) }))
  scope.put<{ Params: NameParams }>('/api/functions/:name', async ({ params, body }, reply) => {
    const given = jsonOf(body)
    if (typeof given !== 'object' || given === null) throw badDeployment('the body must be a JSON object')
    const deployed = await host.install(checkDeployment({ ...given, name: params.name }))
    return reply.code(deployed.unchanged ? 200 : 201).send(deployed)
  })
  scope.get<{ Params: NameParams }>('/api/functions/:name', async ({ params }) => shown(await host.show(params.name)))
  scope.delete<{ Params: NameParams }>('/api/functions/:name', async ({ params }, reply) => {
    await host.remove(params.name)
    return reply.code(204).send()
  })
  scope.get<{ Params: NameParams }>('/api/functions/:name/versions', async ({ params }) => ({
    versions: await host.versions(params.name),
  }))
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

function addSeeing(scope: FastifyInstance, { host, metrics }: Face): void {
  scope.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()))
  scope.post<{ Params: NameParams; Querystring: { readonly qualifier?: string } }>(
    '/api/functions/:name/invoke',
    async ({ params, body, query }) => {
      const { execution, answer, ...invocation } = await host.invoke(params.name, jsonOf(body), query)
      const usage = execution && { tier: execution.tier, isolation: execution.isolation, usage: execution.usage }
      const value: unknown = answer?.kind === 'json' && answer.text !== undefined ? JSON.parse(answer.text) : undefined
      return { ...invocation, value, ...usage, logs: execution?.logs ?? [] }
    },
  )
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
