// Answers.

import { Headers } from 'ringfence:web'
import utils from 'jsdom/lib/generated/idl/utils.js'
import { describe } from '../describe.js'
import { addBody, addType, BodySource, makeBody } from './body.js'

/** Answers of such a status have no body. */
export const NULL_BODY = [101, 103, 204, 205, 304]
const REDIRECTS = [301, 302, 303, 307, 308]
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/

/** In place of the arguments, for those made here. */
const MADE_HERE = Symbol('made here')

let open

const lock = (headers) => {
  utils.implForWrapper(headers).guard = 'immutable'
  return headers
}

const readInit = ({ status = 200, statusText = '', headers }) => {
  const code = Math.trunc(Number(status))
  if (!(code >= 200 && code <= 599)) throw new RangeError(`The status ${String(status)} is not between 200 and 599`)
  const text = String(statusText)
  if (!REASON.test(text)) throw new TypeError('The text of the status has letters that may not be in it')
  return { status: code, statusText: text, headers: new Headers(headers) }
}

export class Response {
  #state

  constructor(body = null, init = {}) {
    if (body === MADE_HERE) {
      this.#state = init
      return
    }
    this.#state = { type: 'default', url: '', redirected: false, body: null, ...readInit(init ?? {}) }
    if (body === null) return
    if (NULL_BODY.includes(this.#state.status)) throw new TypeError('An answer of this status has no body')
    const made = makeBody(body)
    this.#state.body = made.body
    addType(this.#state.headers, made.type)
  }

  static {
    open = (self) => self.#state
  }

  static error() {
    const state = { type: 'error', url: '', redirected: false, status: 0, statusText: '', body: null }
    return new Response(MADE_HERE, { ...state, headers: lock(new Headers()) })
  }

  static redirect(url, status = 302) {
    const { href } = new URL(`${url}`)
    const code = Math.trunc(Number(status))
    if (!REDIRECTS.includes(code)) throw new RangeError(`The status ${String(status)} is no redirection`)
    const made = new Response(null, { status: code, headers: { location: href } })
    lock(made.headers)
    return made
  }

  static json(data, init = {}) {
    const text = JSON.stringify(data)
    if (text === undefined) throw new TypeError('The value has no JSON')
    const made = new Response(text, init)
    const given = new Headers(init?.headers).has('content-type')
    if (!given) made.headers.set('content-type', 'application/json')
    return made
  }

  get type() {
    return this.#state.type
  }

  get url() {
    return this.#state.url
  }

  get redirected() {
    return this.#state.redirected
  }

  get status() {
    return this.#state.status
  }

  get ok() {
    return this.#state.status >= 200 && this.#state.status <= 299
  }

  get statusText() {
    return this.#state.statusText
  }

  get headers() {
    return this.#state.headers
  }

  clone() {
    const { body, headers, ...rest } = this.#state
    body?.expectUsable()
    const copy = new Headers(headers)
    if (utils.implForWrapper(headers).guard === 'immutable') lock(copy)
    return new Response(MADE_HERE, { ...rest, headers: copy, body: body?.clone() ?? null })
  }
}

addBody(Response, (self) => open(self))
describe(Response, ['type', 'url', 'redirected', 'status', 'ok', 'statusText', 'headers', 'clone'])
for (const name of ['error', 'redirect', 'json']) Object.defineProperty(Response, name, { enumerable: true })

/** An answer that came from outside, which its reader cannot change. */
export const answered = (state, source) => {
  const body = source === null ? null : new BodySource(source)
  return new Response(MADE_HERE, { type: 'basic', ...state, headers: lock(state.headers), body })
}
