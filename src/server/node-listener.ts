import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FetchHandler } from './fetch-handler.ts'
import { errorOf } from './http-answers.ts'
import { leaving } from './leaving.ts'

const HOST_FAILED = JSON.stringify(errorOf('internal', 'The host failed'))

/** Takes a request of `node:http`. Never rejects. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Has a handler of the web's requests serve those of `node:http`, and of what is built on it. */
export function createNodeListener(handler: FetchHandler): NodeListener {
  return async (request, response) => {
    try {
      await send(await handler(requestOf(request, leaving(response))), response)
    } catch {
      // Nobody is told what went wrong in the host.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' }).end(HOST_FAILED)
      else response.destroy()
    }
  }
}

function requestOf(request: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', headers, rawHeaders } = request
  const pairs: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  const init = { method, headers: pairs, signal }
  const target = new URL(url, `http://${headers.host ?? 'localhost'}`)
  if (method === 'GET' || method === 'HEAD') return new Request(target, init)
  return new Request(target, { ...init, body: Readable.toWeb(request), duplex: 'half' })
}

async function send({ status, headers, body }: Response, response: ServerResponse): Promise<void> {
  const pairs = [...headers]
  response.writeHead(status, pairs.flat())
  if (body === null) {
    response.end()
    return
  }
  response.flushHeaders()
  await pipeline(body, response)
}
