import { RingfenceError } from '../core/errors.ts'
import { OWN_WORDS, PHASES } from '../functions/answers.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import { may, mayAtAll, type Principal } from '../functions/roles.ts'
import type { FunctionRecord, HttpAnswer, HttpHead, Invocation, InvocationStatus } from '../functions/words.ts'
import { HTTP_STATUS, RETRY_AFTER_SECONDS } from './http-status.ts'

/** The headers that every answer has which comes from an invocation. */
export const namesOf = ({ id, version }: Pick<Invocation, 'id' | 'version'>): [string, string][] => [
  ['x-ringfence-invocation', id],
  ['x-ringfence-version', String(version)],
]

/** What is wrong, in the one shape that every error over HTTP has. */
export const errorOf = (code: string, message: string | undefined, more: object = {}): object => ({
  error: { code, message, ...more },
})

/** An error as a whole answer. */
export const errorAnswer = (
  status: number,
  code: string,
  message: string | undefined,
  { headers = [], ...more }: { readonly headers?: HttpHead['headers']; readonly invocation?: string } = {},
): HttpAnswer => ({
  status,
  headers: [['content-type', 'application/json; charset=utf-8'], ...headers],
  body: new TextEncoder().encode(JSON.stringify(errorOf(code, message, more))),
})

/** Whether the detail of such an end is for those alone who may look into a function. */
export const isPrivate = (status: InvocationStatus): boolean => OWN_WORDS.has(status) || status === 'rejected'

/** What the others are told. */
export const FAILED = 'The function failed'

/** What who called over HTTP is told once an invocation has ended. Only who `isKnown` learns what went wrong inside. */
export function answerOf(invocation: Invocation, isKnown: boolean): HttpAnswer {
  const { id, status, detail, answer, durations, retryAfterMs } = invocation
  const timings = Object.entries(PHASES).map(([name, key]) => `${name};dur=${durations[key].toFixed(1)}`)
  const names: [string, string][] = [...namesOf(invocation), ['server-timing', timings.join(', ')]]
  if (status === 'ok') {
    if (answer?.kind !== 'http') return { status: 204, headers: names, body: new Uint8Array() }
    return { status: answer.status, headers: [...names, ...answer.headers], body: answer.body }
  }
  const retryAfter = retryAfterMs === undefined ? RETRY_AFTER_SECONDS[status] : Math.ceil(retryAfterMs / 1000)
  if (retryAfter !== undefined) names.push(['retry-after', String(retryAfter)])
  const message = isKnown || !isPrivate(status) ? detail : FAILED
  return errorAnswer(HTTP_STATUS[status], status, message, { headers: names, invocation: id })
}

/**
 * How somebody may call a function, if at all: those who may look into it are told what went wrong inside. One that does not
 * exist is not there for whoever could not see it, who would find out names otherwise.
 */
export async function accessTo(
  host: FunctionHost,
  name: string,
  principal: Principal | undefined,
): Promise<'calling' | 'seeing' | undefined> {
  if (principal !== undefined && principal.tenant === undefined && mayAtAll(principal, 'see')) return 'seeing'
  const record = await found(host, name)
  if (record === undefined) return undefined
  if (principal !== undefined && may(principal, 'see', record.tenant)) return 'seeing'
  const isCaller = principal !== undefined && may(principal, 'invoke', record.tenant)
  return isCaller || record.access === 'public' ? 'calling' : undefined
}

/** A function, if there is one of this name. */
export async function found(host: FunctionHost, name: string): Promise<FunctionRecord | undefined> {
  try {
    return await host.show(name)
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'RF_NO_FUNCTION') return undefined
    throw error
  }
}

/** What is said to who may not call a function. */
export const UNAUTHORIZED = 'The token is missing, or is another one'
