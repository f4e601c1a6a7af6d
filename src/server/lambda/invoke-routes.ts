import { Readable } from 'node:stream'
import { EventStreamCodec } from '@smithy/core/event-streams'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FunctionHost } from '../../functions/function-host.ts'
import type { Responding } from '../../functions/responding.ts'
import type { Invocation } from '../../functions/words.ts'
import { leaving } from '../leaving.ts'
import { AwsError, invalid } from './aws-error.ts'
import { type Failure, failureOf } from './failures.ts'
import { logTail } from './log-tail.ts'
import { type Named, parseName, versionName } from './names.ts'
import { jsonOf } from './request-body.ts'

interface Called {
  Params: { readonly name: string }
  Querystring: { readonly Qualifier?: string }
}

type Request = FastifyRequest<Called>

/** How many characters of a client's own context are taken, as Lambda does. */
const CLIENT_CONTEXT_CHARACTERS = 3583

/** `Invoke` and `InvokeWithResponseStream`. */
export function addInvoking(scope: FastifyInstance, host: FunctionHost): void {
  scope.post<Called>('/2015-03-31/functions/:name/invocations', (request, reply) => invoke(host, request, reply))
  scope.post<Called>('/2021-11-15/functions/:name/response-streaming-invocations', (request, reply) =>
    invokeStreaming(host, request, reply),
  )
}

async function invoke(host: FunctionHost, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const named = parseName(request.params.name, request.query.Qualifier)
  const type = headerOf(request, 'x-amz-invocation-type') ?? 'RequestResponse'
  if (type === 'DryRun') {
    await host.read(named.name, named.qualifier)
    return reply.code(204).send()
  }
  if (type !== 'RequestResponse') throw invalid(`The invocation type "${type}" is none of RequestResponse, DryRun`)
  const invocation = await host.invokeAs(named.name, givenBy(request), optionsOf(reply, named))
  reply.header('x-amz-executed-version', executedVersion(invocation, named)).header('x-amzn-requestid', invocation.id)
  if (wantsLogs(request)) reply.header('x-amz-log-result', logTail(invocation, named.qualifier))
  const { answer } = invocation
  if (invocation.status === 'ok' && answer?.kind === 'json') return sendJson(reply, answer.text ?? 'null')
  return sendJson(reply.header('x-amz-function-error', 'Unhandled'), JSON.stringify(failureOf(invocation)))
}

async function invokeStreaming(host: FunctionHost, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const named = parseName(request.params.name, request.query.Qualifier)
  const responding = await host.stream(named.name, givenBy(request), optionsOf(reply, named))
  // What never got to its function is told by the status, which is sent before the first event.
  if (!responding.isOpen && responding.invocation.status !== 'ok') failureOf(responding.invocation)
  const { id, version } = responding.isOpen ? responding : responding.invocation
  return reply
    .header('content-type', 'application/vnd.amazon.eventstream')
    .header('x-amz-executed-version', executedVersion({ version }, named))
    .header('x-amzn-requestid', id)
    .send(Readable.from(eventsOf(responding, wantsLogs(request), named.qualifier), { objectMode: false }))
}

async function* eventsOf(
  responding: Responding,
  logs: boolean,
  qualifier: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const body = responding.isOpen ? responding.body : wholeBody(responding.invocation)
  try {
    for await (const piece of body) yield eventOf('PayloadChunk', 'application/octet-stream', piece)
  } catch {
    // How it ended is said below.
  }
  const invocation = await responding.invocation
  const failure = invocation.status === 'ok' ? undefined : failureIn(invocation)
  const complete = {
    ...(failure && { ErrorCode: failure.errorType, ErrorDetails: JSON.stringify(failure) }),
    ...(logs && { LogResult: logTail(invocation, qualifier) }),
  }
  yield eventOf('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete)))
}

/** An answer that has begun is ended by what is an error of the service as well. */
function failureIn(invocation: Invocation): Failure {
  try {
    return failureOf(invocation)
  } catch (error) {
    if (error instanceof AwsError) return { errorType: error.type, errorMessage: error.message }
    throw error
  }
}

const wholeBody = ({ answer }: Invocation): readonly Uint8Array[] =>
  answer?.kind === 'http' && answer.body.length > 0 ? [answer.body] : []

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text),
)

const eventOf = (event: string, type: string, body: Uint8Array): Uint8Array =>
  codec.encode({
    headers: {
      ':message-type': { type: 'string', value: 'event' },
      ':event-type': { type: 'string', value: event },
      ':content-type': { type: 'string', value: type },
    },
    body,
  })

const headerOf = ({ headers }: Request, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

const wantsLogs = (request: Request): boolean => headerOf(request, 'x-amz-log-type') === 'Tail'

const executedVersion = ({ version }: Pick<Invocation, 'version'>, { qualifier }: Named): string =>
  qualifier === undefined ? versionName(undefined) : String(version)

const sendJson = (reply: FastifyReply, text: string): FastifyReply =>
  reply.header('content-type', 'application/json').send(text)

/** Ends what runs when its client leaves. */
const optionsOf = (
  reply: FastifyReply,
  { qualifier }: Named,
): { readonly qualifier?: string; readonly signal: AbortSignal } => ({
  signal: leaving(reply.raw),
  ...(qualifier !== undefined && { qualifier }),
})

function givenBy(request: Request): { readonly input: unknown; readonly clientContext?: unknown } {
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
  const context = headerOf(request, 'x-amz-client-context')
  return {
    input: jsonOf(text === '' ? '{}' : text),
    ...(context !== undefined && { clientContext: contextIn(context) }),
  }
}

/** What Node's Lambda runtime makes of it: an object, in which clients write what they like. */
function contextIn(text: string): unknown {
  if (text.length > CLIENT_CONTEXT_CHARACTERS) throw invalid('The client context is longer than 3583 characters')
  return jsonOf(Buffer.from(text, 'base64').toString('utf8'))
}
