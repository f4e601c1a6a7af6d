import { createFunctionHost, type FunctionHostOptions } from '../../src/function-host.ts'
import type { HttpRequest } from '../../src/functions/events.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import type { Invocation } from '../../src/functions/words.ts'

/** A request to a function, a bare `GET` but for what is given. */
export const request = (given: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: 'http://localhost/',
  headers: [],
  body: new Uint8Array(),
  ...given,
})

export const open = (options: FunctionHostOptions = {}): Promise<FunctionHost> => createFunctionHost(options)

/** What a function answered to data. */
export const jsonOf = ({ answer }: Invocation): unknown =>
  answer?.kind === 'json' && answer.text !== undefined ? JSON.parse(answer.text) : answer

/** What a function answered to a request. */
export const textOf = ({ answer }: Invocation): unknown =>
  answer?.kind === 'http' ? { status: answer.status, text: new TextDecoder().decode(answer.body) } : answer
