import { z } from 'zod'
import type { Execution, Limits, Outcome } from '../core/types.ts'
import type { Chosen } from './registry.ts'
import type { Answer, HttpAnswer, Invocation, InvocationStatus } from './words.ts'

/** Names and values that a header may have; anything else would let a guest write lines of its own. */
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
// oxlint-disable-next-line no-control-regex -- control characters are what is kept out
const headerValue = z.string().regex(/^[^\0-\x08\x0a-\x1f\x7f\u0100-\u{10ffff}]*$/u)
/** What the connection says, and not the function. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
  'trailer',
  'upgrade',
])

const JSON_ANSWER = z.object({ kind: z.literal('json'), text: z.string().optional() })

const HTTP_ANSWER = z.object({
  status: z.number().int().min(200).max(599),
  headers: z.array(z.tuple([headerName, headerValue])).max(1000),
  body: z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array),
})

/** Reads what the adapter answered to data, which a guest may have taken over; undefined when it is no answer. */
export function readJson(value: unknown): Answer | undefined {
  const { data } = JSON_ANSWER.safeParse(value)
  return data && { kind: 'json', ...(data.text !== undefined && { text: data.text }) }
}

/** Reads an answer over HTTP, or what it begins with, as `readJson` does. */
export function readHttp(value: unknown): HttpAnswer | undefined {
  const { data } = HTTP_ANSWER.safeParse(value)
  return data && { ...data, headers: data.headers.filter(([name]) => !CONNECTION_HEADERS.has(name.toLowerCase())) }
}

const LIMITS: Readonly<Partial<Record<keyof Limits, InvocationStatus>>> = {
  wallMs: 'timeout_wall',
  cpuMs: 'timeout_cpu',
  memoryBytes: 'memory',
  outputBytes: 'output_limit',
}

/** Endings whose sentence is a function's own words, which may hold what it was told in secret. */
export const OWN_WORDS: ReadonlySet<InvocationStatus> = new Set(['user_error', 'init_error'])

/** The phases of an invocation, as they are told, with what has their times. */
export const PHASES: Readonly<Record<'queue' | 'start' | 'run' | 'teardown', keyof Invocation['durations']>> = {
  queue: 'queueMs',
  start: 'startMs',
  run: 'runMs',
  teardown: 'teardownMs',
}

/** How the end of an execution is called for who called a function, with a sentence on it. */
export function endingOf({ outcome, decision }: Execution): {
  readonly status: InvocationStatus
  readonly detail?: string
} {
  switch (outcome.kind) {
    case 'returned':
      return { status: 'ok' }
    case 'threw':
      return { status: initErrors.has(outcome.error.name) ? 'init_error' : 'user_error', detail: errorText(outcome) }
    case 'exceeded':
      return { status: LIMITS[outcome.limit] ?? 'limit', detail: limitText(outcome.limit, decision) }
    case 'killed':
      return { status: outcome.by === 'signal' ? 'cancelled' : 'killed', detail: outcome.reason }
    case 'crashed':
      return { status: 'tier_crashed', detail: outcome.detail }
    case 'refused':
      return { status: 'rejected', detail: outcome.reason }
  }
}

/** How a call has ended, with what it answered as a whole. */
export interface Ended {
  readonly execution: Execution
  readonly answer?: Answer
  /** Whether what came was no answer. */
  readonly isWrong: boolean
}

const initErrors: ReadonlySet<string> = new Set(['Runtime.HandlerNotFound', 'SyntaxError'])

const errorText = ({ error }: Extract<Outcome, { readonly kind: 'threw' }>): string =>
  error.message === '' ? error.name : `${error.name}: ${error.message}`

const limitText = (limit: keyof Limits, decision: Execution['decision']): string =>
  decision.verdict === 'route'
    ? `The limit "${limit}" of ${decision.limits[limit]} was reached`
    : `The limit "${limit}" was reached`

/** Why a call did not get through. */
export const NOT_ADMITTED = {
  rate_limited: 'Too many calls of this function, or of its tenant, for now',
  throttled: 'Too many calls of this function, or of its tenant, at once',
  queue_timeout: 'No capacity came free in time',
  cancelled: 'The caller gave up while the call waited',
} as const

/** Whose an invocation is. */
export const namesOf = ({ record, version }: Chosen): Pick<Invocation, 'function' | 'version' | 'tenant'> => ({
  function: record.name,
  version: version.number,
  tenant: record.tenant,
})

/** What is said of a function that wrote no answer: one whose text has taken the adapter over. */
export const NO_HTTP_ANSWER = 'The function answered with what is no HTTP response'

/** What an execution tells of its invocation, which had waited so long before it. */
export function invocationOf(
  { execution, answer, isWrong }: Ended,
  waitedMs: number,
): Pick<Invocation, 'status' | 'detail' | 'answer' | 'execution' | 'durations'> {
  const { usage, outcome } = execution
  const durations = {
    queueMs: waitedMs + usage.queuedMs,
    startMs: usage.startMs,
    runMs: usage.wallMs,
    teardownMs: usage.teardownMs,
  }
  const isOurEnd = outcome.kind === 'killed' && outcome.reason === NO_HTTP_ANSWER
  if (isWrong && (isOurEnd || outcome.kind === 'returned')) {
    return { status: 'user_error', detail: NO_HTTP_ANSWER, execution, durations }
  }
  return { ...endingOf(execution), ...(outcome.kind === 'returned' && answer && { answer }), execution, durations }
}
