import type { ServerResponse } from 'node:http'

/** Aborts when a client leaves before all of its answer was sent. */
export function leaving(response: ServerResponse): AbortSignal {
  const left = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) left.abort()
  })
  return left.signal
}
