// Questions.

import { Headers } from 'ringfence:web'
import { describe } from '../describe.js'
import { addBody, addType, makeBody } from './body.js'

const TOKEN = /^[!#$%&'*+\-.^`|~\w]+$/
const FORBIDDEN = /^(?:connect|trace|track)$/i
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i

const ENUMS = {
  __proto__: null,
  redirect: ['follow', 'error', 'manual'],
  mode: ['cors', 'no-cors', 'same-origin'],
  credentials: ['same-origin', 'omit', 'include'],
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
}

let open

const methodOf = (given) => {
  const method = `${given}`
  if (!TOKEN.test(method) || FORBIDDEN.test(method)) throw new TypeError(`"${method}" is not a method of requests`)
  return NORMALIZED.test(method) ? method.toUpperCase() : method
}

const urlOf = (given) => {
  const url = new URL(`${given}`)
  if (url.username !== '' || url.password !== '') throw new TypeError('The URL of a request may hold no credentials')
  return url.href
}

const choices = (init, from) => {
  const chosen = {}
  for (const name of Object.keys(ENUMS)) {
    const value = init[name] === undefined ? (from?.[name] ?? ENUMS[name][0]) : `${init[name]}`
    if (!ENUMS[name].includes(value)) throw new TypeError(`"${value}" is no "${name}" of requests`)
    chosen[name] = value
  }
  return chosen
}

const signalOf = (init, from) => {
  const signal = init.signal === undefined ? from?.signal : init.signal
  if (signal === undefined || signal === null) return new AbortController().signal
  if (!(signal instanceof AbortSignal)) throw new TypeError('The signal of a request is no AbortSignal')
  return AbortSignal.any([signal])
}

const bodyOf = (init, from, state) => {
  const given = init.body ?? null
  const has = given !== null || (init.body === undefined && (from?.body ?? null) !== null)
  if (has && (state.method === 'GET' || state.method === 'HEAD')) {
    throw new TypeError(`A request of method ${state.method} has no body`)
  }
  if (!has) return null
  if (given === null) return from.body.move()
  if (given instanceof ReadableStream && init.duplex !== 'half') {
    throw new TypeError('A request whose body is a stream must say "duplex: \'half\'"')
  }
  const { body, type } = makeBody(given)
  addType(state.headers, type)
  return body
}

export class Request {
  #state

  constructor(input) {
    if (arguments.length === 0) throw new TypeError('Failed to construct Request: 1 argument required')
    const init = arguments[1] ?? {}
    const from = typeof input === 'object' && input !== null && #state in input ? input.#state : undefined
    const url = from === undefined ? urlOf(input) : from.url
    const method = init.method === undefined ? (from?.method ?? 'GET') : methodOf(init.method)
    const integrity = init.integrity === undefined ? (from?.integrity ?? '') : `${init.integrity}`
    const keepalive = init.keepalive === undefined ? (from?.keepalive ?? false) : Boolean(init.keepalive)
    const headers = new Headers(init.headers === undefined ? from?.headers : init.headers)
    const signal = signalOf(init, from)
    this.#state = { url, method, integrity, keepalive, headers, signal, ...choices(init, from) }
    this.#state.body = bodyOf(init, from, this.#state)
  }

  static {
    open = (self) => self.#state
  }

  get method() {
    return this.#state.method
  }

  get url() {
    return this.#state.url
  }

  get headers() {
    return this.#state.headers
  }

  get destination() {
    void this.#state
    return ''
  }

  get referrer() {
    void this.#state
    return 'about:client'
  }

  get referrerPolicy() {
    void this.#state
    return ''
  }

  get mode() {
    return this.#state.mode
  }

  get credentials() {
    return this.#state.credentials
  }

  get cache() {
    return this.#state.cache
  }

  get redirect() {
    return this.#state.redirect
  }

  get integrity() {
    return this.#state.integrity
  }

  get keepalive() {
    return this.#state.keepalive
  }

  get signal() {
    return this.#state.signal
  }

  get duplex() {
    void this.#state
    return 'half'
  }

  clone() {
    const { body, headers, signal, ...rest } = this.#state
    body?.expectUsable()
    const made = new Request(rest.url)
    const copies = { headers: new Headers(headers), signal: AbortSignal.any([signal]) }
    made.#state = { ...rest, ...copies, body: body?.clone() ?? null }
    return made
  }
}

addBody(Request, (self) => open(self))
describe(Request, Object.getOwnPropertyNames(Request.prototype).slice(1))

/** What is known of a request. Throws for anything else. */
export const openRequest = (request) => open(request)
