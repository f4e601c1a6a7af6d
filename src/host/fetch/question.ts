/** What a guest asks for. */
export interface Question {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | undefined
  readonly redirect: 'follow' | 'error' | 'manual'
  /** By which the guest may take it back, or read on in the answer. Without, the answer is whole. */
  readonly id: number | undefined
}

/** What became of a question, for the eyes of the operator. */
export interface Asked {
  readonly method: string
  /** Without its query and its fragment, which may hold secrets. */
  readonly url: string
  /** What the server answered with; absent where it was not asked, or did not answer. */
  readonly status?: number
  /** Why there is no answer, as the guest was told. */
  readonly refused?: string
}

/** Told of each question. */
export type Witness = (asked: Asked) => void

const MAX_URL = 8192
const MAX_HEADERS = 100
const MAX_HEADERS_LENGTH = 16_384
const NAME = /^[!#$%&'*+\-.^`|~\w]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * What the connection itself says, and nobody else. ATTACK: `Transfer-Encoding: chunked` beside a body of a known length, or
 * another `Content-Length`: a server behind a proxy would take the rest of the body for a second request.
 */
const OURS =
  /^(?:accept-encoding|connection|content-length|date|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i

/** Why nothing was fetched, as the guest is told. */
export class Refused extends Error {
  override readonly name = 'TypeError'

  constructor(why: string) {
    super(`fetch failed: ${why}`)
  }
}

const malformed = (): Refused => new Refused('the request cannot be understood')

/** Reads what a guest sent, which may be anything: its far side may be in its hands. */
export const readQuestion = (given: unknown): Question => {
  if (typeof given !== 'object' || given === null) throw malformed()
  const { url, method, headers, body, redirect, id }: Readonly<Record<string, unknown>> = { ...given }
  if (typeof url !== 'string' || url.length > MAX_URL || typeof method !== 'string') throw malformed()
  if (body !== undefined && body !== null && !(body instanceof Uint8Array)) throw malformed()
  if (redirect !== 'follow' && redirect !== 'error' && redirect !== 'manual') throw malformed()
  if (id !== undefined && typeof id !== 'number') throw malformed()
  const parsed = URL.parse(url)
  if (parsed === null || parsed.username !== '' || parsed.password !== '') throw malformed()
  return { url: parsed, method, headers: headersOf(headers), body: body ?? undefined, redirect, id }
}

/** What a guest sends of a question that it asked before: that it takes it back, or reads on in the answer. */
export interface Order {
  readonly id: number
  readonly kind: 'abandon' | 'read' | 'read all'
}

/** The order that a guest sent, where it is one. */
export const orderOf = (given: unknown): Order | undefined => {
  if (typeof given !== 'object' || given === null) return undefined
  const { abandon, read, all }: Readonly<Record<string, unknown>> = { ...given }
  if (typeof abandon === 'number') return { id: abandon, kind: 'abandon' }
  return typeof read === 'number' ? { id: read, kind: all === true ? 'read all' : 'read' } : undefined
}

const headersOf = (given: unknown): readonly (readonly [string, string])[] => {
  if (!Array.isArray(given) || given.length > MAX_HEADERS) throw malformed()
  let length = 0
  const headers = given.map((header: unknown) => {
    if (!Array.isArray(header) || header.length !== 2) throw malformed()
    const [name, value] = header.map((text: unknown) => text)
    if (typeof name !== 'string' || typeof value !== 'string') throw malformed()
    length += name.length + value.length
    if (length > MAX_HEADERS_LENGTH || !NAME.test(name) || !VALUE.test(value)) throw malformed()
    return [name, value] as const
  })
  return headers.filter(([name]) => !OURS.test(name))
}
