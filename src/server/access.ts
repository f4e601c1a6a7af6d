import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Principal } from '../functions/roles.ts'
import type { Tokens } from '../functions/tokens.ts'

/** Who brings such a header, if we know them. */
export type TokenCheck = (authorization: string | undefined) => Promise<Principal | undefined>

/** Who may do everything. */
export const OPERATOR: Principal = { role: 'operator' }

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Knows the operator by the server's own token, and others by those that its host gave away; everybody is the operator where
 * there is none. Compares digests, which have one length, in constant time: how long it takes tells nothing of the token.
 */
export function tokenCheck(token: string | undefined, tokens: Tokens): TokenCheck {
  if (token === undefined) return () => Promise.resolve(OPERATOR)
  const expected = digest(token)
  return async (authorization) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
    if (given === undefined) return undefined
    return timingSafeEqual(digest(given), expected) ? OPERATOR : tokens.principalOf(given)
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
