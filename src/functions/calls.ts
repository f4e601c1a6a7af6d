import { randomUUID } from 'node:crypto'
import type { Running } from '../broker/broker.ts'
import { RingfenceError } from '../core/errors.ts'
import { type Ended, invocationOf, NOT_ADMITTED, namesOf, readJson } from './answers.ts'
import { callOf, type Given } from './events.ts'
import type { InvokeOptions } from './host-words.ts'
import type { Instances } from './instances.ts'
import type { LogBook } from './log-book.ts'
import type { Rates } from './rates.ts'
import type { Chosen, Registry } from './registry.ts'
import { AnswerReader, type Responding } from './responding.ts'
import type { Turnstile } from './turnstile.ts'
import type { Invocation, InvocationStatus } from './words.ts'

interface Parts {
  readonly registry: Registry
  readonly turnstile: Turnstile
  readonly rates: Rates
  readonly instances: Instances
  readonly logs: LogBook
  /** Why a function is blocked, also where that is not kept yet. */
  readonly blockedBy: (name: string) => string | undefined
}

type Told = Pick<Invocation, 'id' | 'function' | 'version' | 'tenant' | 'startedAt'>

/** A call on its way, and how it is begun and read once it has its turn. */
interface Way<Began extends Running> {
  readonly given: Given
  readonly begin: (chosen: Chosen, call: unknown, signal: AbortSignal | undefined) => Promise<Began | undefined>
  readonly read: (running: Began, told: Told) => Promise<Ended>
}

/** The calls of functions: each is let through, started, read and told of. */
export class Calls {
  readonly #parts: Parts
  readonly #listeners = new Set<(invocation: Invocation) => void>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  onEnded(listener: (invocation: Invocation) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  invoke(
    name: string,
    given: Extract<Given, { readonly input: unknown }>,
    options: InvokeOptions,
  ): Promise<Invocation> {
    const { instances } = this.#parts
    return this.#call(name, options, {
      given,
      begin: (...args) => instances.start(...args),
      read: async ({ result }) => {
        const execution = await result
        const answer = execution.outcome.kind === 'returned' ? readJson(execution.outcome.value) : undefined
        return { execution, isWrong: answer === undefined, ...(answer && { answer }) }
      },
    })
  }

  async stream(name: string, given: Given, options: InvokeOptions): Promise<Responding> {
    const { instances } = this.#parts
    const reader = new AnswerReader()
    const begun = Promise.withResolvers<Told>()
    const invocation = this.#call(name, options, {
      given,
      begin: (...args) => instances.stream(...args),
      read: (running, told) => {
        begun.resolve(told)
        return reader.read(running)
      },
    })
    void reader.closeWith(invocation)
    const opened = reader.opened.then(async (head) => ({ head, told: await begun.promise }))
    const first = await Promise.race([opened, invocation])
    if (!('head' in first)) return { isOpen: false, invocation: first }
    const { id, version } = first.told
    return { isOpen: true, id, version, ...first.head, body: reader.body(), invocation }
  }

  async #call<Began extends Running>(name: string, options: InvokeOptions, way: Way<Began>): Promise<Invocation> {
    const invocation = await this.#answer(name, options, way)
    for (const listener of this.#listeners) listener(invocation)
    return invocation
  }

  async #answer<Began extends Running>(
    name: string,
    { qualifier, signal }: InvokeOptions,
    { given, begin, read }: Way<Began>,
  ): Promise<Invocation> {
    const since = performance.now()
    const { registry, rates, turnstile, blockedBy } = this.#parts
    const chosen = await registry.choose(name, qualifier)
    const { record, version } = chosen
    const told = { ...namesOf(chosen), id: randomUUID(), startedAt: new Date().toISOString() }
    const unrun = (status: InvocationStatus, detail: string): Invocation => ({
      ...told,
      status,
      detail,
      durations: { queueMs: performance.now() - since, startMs: 0, runMs: 0, teardownMs: 0 },
    })
    const retryAfterMs = await rates.admit(record)
    if (retryAfterMs !== undefined) return { ...unrun('rate_limited', NOT_ADMITTED.rate_limited), retryAfterMs }
    const { instances } = version.settings
    const turn = { tenant: record.tenant, function: name, most: instances.max, concurrency: record.concurrency, signal }
    const admission = await turnstile.enter(turn)
    if (admission.kind !== 'admitted') return unrun(admission.kind, NOT_ADMITTED[admission.kind])
    try {
      const reason = blockedBy(name) ?? record.blocked?.reason
      if (reason !== undefined) return unrun('blocked', `Function "${name}" is blocked: ${reason}`)
      const call = callOf(chosen, registry.environmentOf(chosen), given, told.id)
      const queuedMs = performance.now() - since
      const running = await begin(chosen, call, signal)
      if (running === undefined) return unrun('killed', 'The function was killed before the call had begun')
      void this.#keepLogs(running, told)
      return { ...told, ...invocationOf(await read(running, told), queuedMs) }
    } catch (error) {
      if (error instanceof RingfenceError) return unrun('rejected', error.message)
      throw error
    } finally {
      admission.leave()
    }
  }

  async #keepLogs({ logs }: Running, { id, function: name, version }: Told): Promise<void> {
    for await (const { at, level, text } of logs) {
      this.#parts.logs.write(name, { at, level, text, invocation: id, version })
    }
  }
}
