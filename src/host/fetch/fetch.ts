import type { Part } from './answer-body.ts'
import { type Answer, exchange, type Head } from './exchange.ts'
import { type FetchGrant, mayAsk } from './grant.ts'
import { orderOf, type Question, Refused, readQuestion, type Witness } from './question.ts'
import { addressesOf, type Resolve, systemResolve, unreachable } from './reach.ts'
import { Transfer } from './transfer.ts'

/** What a guest's `fetch` makes its response of: the head, and what has come of the body. */
export interface Fetched extends Head, Part {
  readonly url: string
  readonly redirected: boolean
}

/** An answer to the last of a question's hops. */
interface Followed extends Answer {
  readonly url: string
  readonly redirected: boolean
}

const MAX_REDIRECTS = 20
/** So many at once for each grant, until their bodies are read; the others wait. Each may hold as much as a request and an
 * answer may have. */
const MAX_AT_ONCE = 8

const isRedirect = ({ status }: Head): boolean => [301, 302, 303, 307, 308].includes(status)

/** Headers that were meant for the one who was asked first. */
const CREDENTIALS = ['authorization', 'cookie', 'www-authenticate']

/** Fetches for guests, within what they were granted. Throws errors for the eyes of guests: nothing of the host is in them. */
export class Fetcher {
  readonly #grant: FetchGrant
  readonly #resolve: Resolve
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** By the call that asked and by what that calls it. */
  readonly #transfers = new WeakMap<AbortSignal, Map<number, Transfer>>()

  constructor(grant: FetchGrant, resolve: Resolve = systemResolve) {
    this.#grant = grant
    this.#resolve = resolve
  }

  /** Takes what a guest's `fetch` sends: a question, or what to do about one. */
  async take(given: unknown, call: AbortSignal, witness?: Witness): Promise<Fetched | Part | undefined> {
    const order = orderOf(given)
    if (order === undefined) return this.fetch(given, call, witness)
    const transfer = this.#transfers.get(call)?.get(order.id)
    if (order.kind === 'abandon') {
      transfer?.end()
      return undefined
    }
    if (transfer === undefined) throw new Refused('the answer is not there any more')
    return transfer.read(order.kind === 'read' ? 'something' : 'end')
  }

  /** Answers what a guest asked for, unless the guest's call ends first. */
  async fetch(given: unknown, call: AbortSignal, witness: Witness = () => {}): Promise<Fetched> {
    const question = readQuestion(given)
    if ((question.body?.byteLength ?? 0) > this.#grant.maxRequestBytes) throw new Refused('the body is too long')
    const transfer = this.#begin(question, call)
    await this.#takePlace()
    transfer.whenEnded(() => this.#leavePlace())
    return transfer.begin(
      async (signal) => this.#follow(question, signal, witness),
      question.id === undefined ? 'end' : 'hardly',
    )
  }

  #begin({ id }: Question, call: AbortSignal): Transfer {
    const transfer = new Transfer(call, this.#grant.timeoutMs)
    if (id === undefined) return transfer
    const known = this.#transfers.get(call) ?? new Map<number, Transfer>()
    // ATTACK: ask twice by one name. Nobody could read or take back the first any more.
    known.get(id)?.end()
    this.#transfers.set(call, known.set(id, transfer))
    transfer.whenEnded(() => {
      if (known.get(id) === transfer) known.delete(id)
    })
    return transfer
  }

  async #takePlace(): Promise<void> {
    if (this.#running < MAX_AT_ONCE) {
      this.#running += 1
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    await promise
  }

  /** Who waits takes the place over. */
  #leavePlace(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running -= 1
    else next()
  }

  /** Each hop is held to the whole grant again. */
  async #follow(first: Question, signal: AbortSignal, witness: Witness): Promise<Followed> {
    let question = first
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const answer = await this.#witnessed(question, signal, witness)
      try {
        const url = isRedirect(answer) ? locationOf(question, answer) : undefined
        if (url === undefined || first.redirect === 'manual') {
          return { ...answer, url: question.url.href, redirected: hops > 0 }
        }
        if (first.redirect === 'error') throw new Refused('there was a redirection')
        question = redirected(question, answer, url)
      } catch (error) {
        answer.body?.close()
        throw error
      }
      answer.body?.close()
    }
    throw new Refused('there were too many redirections')
  }

  async #witnessed(question: Question, signal: AbortSignal, witness: Witness): Promise<Answer> {
    const { method } = question
    const { protocol, host, pathname } = question.url
    const url = `${protocol}//${host}${pathname}`
    try {
      const answer = await this.#ask(question, signal)
      witness({ method, url, status: answer.status })
      return answer
    } catch (error) {
      witness({ method, url, refused: error instanceof Refused ? error.message : unreachable().message })
      throw error
    }
  }

  async #ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const { url, method } = question
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Refused('only http and https can be fetched')
    if (!mayAsk(this.#grant, url)) throw new Refused('the host is not among those that were granted')
    if (!this.#grant.methods.has(method)) throw new Refused('the method is not among those that were granted')
    const addresses = await unlessAborted(addressesOf(url, this.#grant, this.#resolve), signal)
    return exchange(question, addresses, this.#grant, signal)
  }
}

/** A look-up cannot be taken back, but nobody waits for it any longer. */
const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(unreachable())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const locationOf = ({ url }: Question, { headers }: Head): URL | undefined => {
  const found = headers.find(([name]) => name.toLowerCase() === 'location')
  if (found === undefined) return undefined
  const target = URL.parse(found[1], url)
  if (target === null || target.username !== '' || target.password !== '') throw unreachable()
  if (target.hash === '') target.hash = url.hash
  return target
}

/** The next question of a redirection, by the rules of the fetch standard. */
const redirected = (question: Question, { status }: Head, url: URL): Question => {
  const { method } = question
  const becomesGet = (status <= 302 && method === 'POST') || (status === 303 && method !== 'GET' && method !== 'HEAD')
  const isElsewhere = url.origin !== question.url.origin
  const headers = question.headers.filter(([name]) => {
    const lower = name.toLowerCase()
    return !(isElsewhere && CREDENTIALS.includes(lower)) && !(becomesGet && lower.startsWith('content-'))
  })
  return becomesGet ? { ...question, url, headers, method: 'GET', body: undefined } : { ...question, url, headers }
}
