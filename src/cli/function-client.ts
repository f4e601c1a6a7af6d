import type { ClientOptions } from './function-commands.ts'
import { UsageError } from './usage-error.ts'

/** What a server answered: JSON, or nothing. */
export interface ServerAnswer {
  readonly status: number
  readonly body: unknown
}

/** A server answered that something cannot be done. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Asks a server. Throws a `UsageError` when it cannot be reached, and a `ServerRefusal` with its words when it refuses. */
export async function ask(
  { url, token }: ClientOptions,
  method: string,
  path: string,
  body?: unknown,
): Promise<ServerAnswer> {
  const response = await reach({ url, token }, method, path, body)
  const text = await response.text()
  const answer: unknown = text === '' ? undefined : JSON.parse(text)
  if (!response.ok) throw new ServerRefusal(response.status, messageIn(answer) ?? refusalText(response))
  return { status: response.status, body: answer }
}

/** Sends a request and answers with the response, whatever its status. */
export async function reach(
  { url, token }: { readonly url: string; readonly token?: string | undefined },
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const address = URL.parse(path, url)
  if (address === null) throw new UsageError(`Cannot reach a server: "${url}" is no URL`)
  try {
    return await fetch(address, {
      method,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch (error) {
    const { cause } = error instanceof Error ? error : { cause: error }
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`Cannot reach the server at ${url}: ${why}`, { cause: error })
  }
}

/** An answer of the server's, as what can be read of it. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads an object of JSON; anything else has no fields. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** What is said of a response whose body says nothing. */
export const refusalText = ({ status }: Response): string => `The server answered ${status}`

function messageIn(answer: unknown): string | undefined {
  const { message } = fieldsOf(fieldsOf(answer)['error'])
  return typeof message === 'string' ? message : undefined
}
