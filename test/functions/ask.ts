import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Where a server of a test listens. */
export const ANYWHERE = { port: 0, address: '127.0.0.1' } as const

/** One request, with its answer read to the end. */
export async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; body: string }> {
  const response = await fetch(url, init)
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** Deploys a function by the API. */
export const deploy = (
  base: string,
  name: string,
  deployment: object,
  headers: Record<string, string> = {},
): ReturnType<typeof ask> =>
  ask(`${base}/api/functions/${name}`, { method: 'PUT', body: JSON.stringify(deployment), headers })

/** Sends these very bytes and reads all that comes. */
export async function raw(url: string, request: string): Promise<string> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(request)
  return text(socket)
}
