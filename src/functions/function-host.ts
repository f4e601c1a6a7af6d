import { randomUUID } from 'node:crypto'
import type { Broker } from '../broker/broker.ts'
import { versionsIn } from './aliases.ts'
import { endingOf } from './answers.ts'
import { Calls } from './calls.ts'
import { badDeployment, type CheckedDeployment, checkDeployment, type Deployment } from './deployment.ts'
import { callOf, type Given, type HttpRequest } from './events.ts'
import { isAdapters } from './function-program.ts'
import type { Deployed, FunctionHostStats, InvokeOptions } from './host-words.ts'
import { Instances, keyOf } from './instances.ts'
import { LogBook, type LogLine } from './log-book.ts'
import type { Rates } from './rates.ts'
import { type Readiness, readinessOf } from './readiness.ts'
import type { Chosen, Registry } from './registry.ts'
import { type Responding, wholeOf } from './responding.ts'
import type { Tokens } from './tokens.ts'
import type { Turnstile } from './turnstile.ts'
import type { Alias, FunctionRecord, FunctionVersion, Invocation, VersionSummary } from './words.ts'

/** What a host is made of. */
export interface FunctionHostParts {
  readonly broker: Broker
  readonly registry: Registry
  readonly tokens: Tokens
  readonly turnstile: Turnstile
  readonly rates: Rates
  readonly owned: AsyncDisposable
}

/** Keeps functions, and calls them, each behind the wall its trust asks for. */
export class FunctionHost implements AsyncDisposable {
  /** What was given away to callers over HTTP. */
  readonly tokens: Tokens
  readonly #registry: Registry
  readonly #turnstile: Turnstile
  readonly #rates: Rates
  readonly #instances: Instances
  readonly #calls: Calls
  readonly #logs = new LogBook()
  /** Known here before they are kept, so that a block holds from its first moment on. */
  readonly #blocking = new Map<string, string>()
  readonly #broker: Broker
  readonly #owned: AsyncDisposable
  #isClosed = false

  /** Disposes of `owned` in the end. */
  constructor({ broker, registry, tokens, turnstile, rates, owned }: FunctionHostParts) {
    this.tokens = tokens
    this.#owned = owned
    this.#broker = broker
    this.#registry = registry
    this.#turnstile = turnstile
    this.#rates = rates
    this.#instances = new Instances(broker)
    const blockedBy = (name: string): string | undefined => this.#blocking.get(name)
    this.#calls = new Calls({ registry, turnstile, rates, instances: this.#instances, logs: this.#logs, blockedBy })
  }

  /**
   * Makes a new version and has calls go to it. Its text is run once before, so that one which does not load, or has no
   * handler, is refused (`RF_BAD_DEPLOYMENT`) and the version before goes on serving.
   */
  async deploy(given: Deployment): Promise<Deployed> {
    return this.install(checkDeployment(given))
  }

  /**
   * As `deploy`, for who has checked a deployment already. Without a trial the text is not run, and one that does not load
   * is told of when it is called; what policy refuses is refused all the same.
   */
  async install(deployment: CheckedDeployment, trial: 'trial' | 'no-trial' = 'trial'): Promise<Deployed> {
    const draft = await this.#registry.draft(deployment)
    const handler = trial === 'trial' ? await this.#checked(draft) : this.#admitted(draft)
    const { record, version, unchanged } = await this.#registry.deploy(deployment)
    this.#retire(record)
    const { number, hash } = version
    return { function: record.name, version: number, hash, unchanged, ...(handler !== undefined && { handler }) }
  }

  /** Calls a function with data. Never throws for what the function does; throws `RF_NO_FUNCTION` when there is none. */
  invoke(name: string, input?: unknown, options: InvokeOptions = {}): Promise<Invocation> {
    return this.invokeAs(name, { input }, options)
  }

  /** As `invoke`, with what a Lambda client says besides. */
  invokeAs(
    name: string,
    given: Extract<Given, { readonly input: unknown }>,
    options: InvokeOptions = {},
  ): Promise<Invocation> {
    return this.#calls.invoke(name, given, options)
  }

  /** Calls a function with a request over HTTP, and waits for all of its answer. */
  async request(name: string, request: HttpRequest, options: InvokeOptions = {}): Promise<Invocation> {
    return wholeOf(await this.stream(name, { request }, options))
  }

  /**
   * Calls a function with a request, or with data, whose answer may be taken as it is made. Resolves once it has ended, or
   * has begun to answer: what it writes is then in `body`. Throws as `invoke`.
   */
  stream(name: string, given: Given, options: InvokeOptions = {}): Promise<Responding> {
    return this.#calls.stream(name, given, options)
  }

  list(): Promise<readonly FunctionRecord[]> {
    return this.#registry.list()
  }

  show(name: string): Promise<FunctionRecord> {
    return this.#registry.read(name)
  }

  versions(name: string): Promise<readonly VersionSummary[]> {
    return this.#registry.versions(name)
  }

  /** A version with its text: the one that a qualifier names, and of an alias with weights the one that has the rest. */
  async read(name: string, qualifier?: string): Promise<FunctionVersion> {
    return (await this.#registry.choose(name, qualifier, 1)).version
  }

  /** Lets at most so many calls of a function run at once, none with 0, and as many as there are when not given. */
  async setConcurrency(name: string, most: number | undefined): Promise<FunctionRecord> {
    if (most !== undefined && !(Number.isSafeInteger(most) && most >= 0)) {
      throw new RangeError(`Cannot set concurrency: it must be a whole number from 0 on, received ${most}`)
    }
    return this.#registry.change(name, ({ concurrency: _before, ...record }) => ({
      ...record,
      ...(most !== undefined && { concurrency: most }),
    }))
  }

  async pointAlias(name: string, alias: string, version: number, weights?: Alias['weights']): Promise<FunctionRecord> {
    return this.#retire(await this.#registry.pointAlias(name, alias, version, weights))
  }

  async removeAlias(name: string, alias: string): Promise<FunctionRecord> {
    return this.#retire(await this.#registry.removeAlias(name, alias))
  }

  /** Has calls go to the version before, or to the one that is named. */
  async rollBack(name: string, to?: number): Promise<FunctionRecord> {
    return this.#retire(await this.#registry.rollBack(name, to))
  }

  /** Ends what runs of a function and forgets all of it. */
  async remove(name: string): Promise<void> {
    await this.#registry.remove(name)
    await this.#instances.kill(name, 'the function was removed')
    this.#logs.forget(name)
    this.#rates.forget(name)
    this.#blocking.delete(name)
  }

  /** Ends what runs of a function. Resolves once nothing of it runs, with how many calls were ended. */
  async kill(name: string, reason: string): Promise<number> {
    await this.#registry.read(name)
    return this.#instances.kill(name, reason)
  }

  /** As `kill`, and refuses calls until `unblock`, also after a restart where the registry is durable. */
  async block(name: string, reason: string): Promise<number> {
    await this.#registry.read(name)
    this.#blocking.set(name, reason)
    const [ended] = await Promise.all([
      this.#instances.kill(name, reason),
      this.#registry.change(name, (record) => ({ ...record, blocked: { reason, at: new Date().toISOString() } })),
    ])
    return ended
  }

  /** Lets calls of a function through again. Answers whether it was blocked. */
  async unblock(name: string): Promise<boolean> {
    let wasBlocked = false
    await this.#registry.change(name, ({ blocked, ...record }) => {
      wasBlocked = blocked !== undefined
      return record
    })
    return this.#blocking.delete(name) || wasBlocked
  }

  /** The last lines of a function's log, the oldest first. */
  logs(name: string): readonly LogLine[] {
    return this.#logs.read(name)
  }

  /** New lines of a function's log as they come, until aborted. */
  followLogs(name: string, signal: AbortSignal): AsyncIterable<LogLine> {
    return this.#logs.follow(name, signal)
  }

  /**
   * Has every invocation told to `listener` once it has ended, also one that nothing was run for. Answers how to have that
   * stop. What a listener throws is thrown to whoever called.
   */
  onInvocation(listener: (invocation: Invocation) => void): () => void {
    return this.#calls.onEnded(listener)
  }

  /** Whether new calls should come here; not where the caller has reasons of its own against it. Costs no reading. */
  readiness(reasons: readonly string[] = []): Readiness {
    return readinessOf(this.#turnstile.counts, this.#isClosed, this.#broker.pressure, reasons)
  }

  /** How it stands. */
  stats(): FunctionHostStats {
    return { ...this.#turnstile.counts, isClosed: this.#isClosed, broker: this.#broker.stats() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#instances[Symbol.asyncDispose]()
    await this.#owned[Symbol.asyncDispose]()
  }

  /** Runs the text once: it must load and have a handler. Answers of which kind. */
  async #checked(draft: Chosen): Promise<string> {
    const call = callOf(draft, this.#registry.environmentOf(draft), { input: undefined }, randomUUID())
    const execution = await this.#instances.check(draft, call).result
    const { outcome } = execution
    if (outcome.kind === 'returned') return String(outcome.value)
    const { detail = '' } = endingOf(execution)
    const { codeFrame, location } = outcome.kind === 'threw' ? outcome.error : {}
    const isOwn = codeFrame !== undefined && !isAdapters(location?.file)
    throw badDeployment(isOwn ? `${detail}\n${codeFrame}` : detail)
  }

  #admitted(draft: Chosen): undefined {
    const { verdict, because } = this.#instances.explain(draft)
    if (verdict === 'refuse') throw badDeployment(because.at(-1)?.message ?? 'policy refuses it')
  }

  #retire(record: FunctionRecord): FunctionRecord {
    const wanted = versionsIn(record.aliases).map((number) => keyOf(record, number))
    this.#instances.retire(record.name, (key) => wanted.includes(key))
    return record
  }
}
