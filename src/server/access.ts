import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Whether a request brings the token; always when there is none. */
export type TokenCheck = (authorization: string | undefined) => boolean

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares digests, which have one length, in constant time: how long it takes tells nothing of the token. */
export function tokenCheck(token: string | undefined): TokenCheck {
  if (token === undefined) return () => true
  const expected = digest(token)
  return (authorization) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
    return given !== undefined && timingSafeEqual(digest(given), expected)
  }
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * ATTACK: a page that its reader's browser has send requests to a server on the reader's own machine, which asks nobody for a
 * token: by a form, by `fetch`, or by a name of its own that it points to 127.0.0.1. It could deploy and call whatever it
 * likes. A browser tells of such a request in `Origin` and in `Host`.
 */
export function isFromElsewhere({ host = 'localhost', origin }: IncomingHttpHeaders): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (!LOOPBACK_NAMES.has(name)) return true
  return origin !== undefined && origin !== `http://${host}`
}
