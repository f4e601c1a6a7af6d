import { RingfenceError } from '../core/errors.ts'
import type { Tier } from '../core/sandbox.ts'
import type { Execution, PolicyDecision, Scope } from '../core/types.ts'
import type { Preparer } from '../program/preparer.ts'
import type { Broker, LoadedProgram, Running, RunningStream, Session, TierIsolation } from './broker.ts'
import { type BrokerSettings, parseSettings } from './broker-settings.ts'
import { Chunks } from './chunks.ts'
import type { BrokerEvents } from './events.ts'
import type { Order, PlannedWork, Readying, SettledWork } from './executions.ts'
import { FreshSeats } from './fresh-seats.ts'
import type { Block } from './kill-switch.ts'
import type { LiveExecution } from './live-execution.ts'
import type { BrokerOptions, LoadOptions, OpenOptions, RunOptions } from './options.ts'
import { makePlan, type Plan, planUnprepared } from './plan.ts'
import { preparedElsewhere } from './prepared-elsewhere.ts'
import { type HostMemory, memoryReader } from './pressure.ts'
import type { Pressure } from './pressure-level.ts'
import { readStats } from './read-stats.ts'
import { type LoadRequest, parseLoad, parseOpen, parseRun, parseSource, type RunRequest } from './requests.ts'
import { RunningExecution } from './running.ts'
import { StreamingExecution } from './running-stream.ts'
import { parseScope } from './scope.ts'
import { assemble, type Services } from './services.ts'
import { LiveSession } from './session.ts'
import { expectText } from './shape.ts'
import type { BrokerStats } from './stats.ts'
import { WarmProgram } from './warm-program.ts'

/**
 * Makes a broker of the given tiers, which it then owns, as it owns the preparer, without which it prepares by itself, and
 * the `guardian`, which is to outlive all of them.
 */
export function createBrokerOf(
  tiers: readonly Tier[],
  options: BrokerOptions = {},
  preparer?: Preparer,
  guardian?: AsyncDisposable,
  readMemory: () => HostMemory = memoryReader(),
): Broker {
  const settings = parseSettings(options)
  return new TieredBroker(settings, assemble(tiers, settings, preparer, readMemory), guardian)
}

class TieredBroker implements Broker {
  readonly #settings: BrokerSettings
  readonly #services: Services
  readonly #guardian: AsyncDisposable | undefined
  #closing: Promise<void> | undefined

  constructor(settings: BrokerSettings, services: Services, guardian: AsyncDisposable | undefined) {
    this.#settings = settings
    this.#guardian = guardian
    this.#services = services
  }

  async run(source: string, options: RunOptions = {}): Promise<Execution> {
    return this.start(source, options).result
  }

  start(source: string, options: RunOptions = {}): Running {
    return new RunningExecution(this.#launch(source, options))
  }

  stream(source: string, options: RunOptions = {}): RunningStream {
    const chunks = new Chunks()
    return new StreamingExecution(this.#launch(source, options, chunks), chunks)
  }

  #launch(source: string, options: RunOptions, chunks?: Chunks): LiveExecution {
    const attempt = 'Cannot run program'
    this.#expectOpen(attempt)
    const request = parseRun(options, this.#settings.trust, attempt)
    const { signal } = request.call
    const text = parseSource(source, attempt)
    const live = this.#services.executions.launch({ ...this.#ordered(text, request, chunks), signal })
    request.given.source?.endWith(live.result)
    return live
  }

  #ordered(text: string, request: RunRequest, chunks: Chunks | undefined): Omit<Order, 'signal'> {
    const ready = preparedElsewhere(text, request.program, this.#services)
    if (ready === undefined) return this.#planned(text, request, chunks)
    const known = planUnprepared(text, request.program, request.given.input, this.#services.basis)
    return { ...known, work: { kind: 'later', ready, plan: () => this.#planned(text, request, chunks) } }
  }

  async load(source: string, options: LoadOptions = {}): Promise<LoadedProgram> {
    const attempt = 'Cannot load program'
    this.#expectOpen(attempt)
    const request = parseLoad(options, this.#settings.trust, this.#settings.pool, attempt)
    request.signal?.throwIfAborted()
    const text = parseSource(source, attempt)
    const ready = preparedElsewhere(text, request.program, this.#services)
    if (ready !== undefined) await this.#readied(ready, request, attempt)
    const plan = makePlan(text, request.program, '', this.#services.basis)
    return this.#warmed(new WarmProgram(plan, request, this.#services), request, attempt)
  }

  async open(source = '', options: OpenOptions = {}): Promise<Session> {
    const attempt = 'Cannot open session'
    this.#expectOpen(attempt)
    const request = parseOpen(options, this.#settings.trust, attempt)
    request.signal?.throwIfAborted()
    const text = parseSource(source, attempt)
    const ready = preparedElsewhere(text, request.program, this.#services)
    if (ready !== undefined) await this.#readied(ready, request, attempt)
    const plan = makePlan(text, request.program, '', this.#services.basis)
    return this.#opened(new LiveSession(plan, request.program, request.limits, this.#services), request.signal, attempt)
  }

  explain(source: string, options: RunOptions = {}): PolicyDecision {
    const attempt = 'Cannot explain program'
    this.#expectOpen(attempt)
    const request = parseRun(options, this.#settings.trust, attempt)
    return planUnprepared(parseSource(source, attempt), request.program, request.given.input, this.#services.basis)
      .decision
  }

  async kill(scope: Scope, reason: string): Promise<number> {
    const attempt = 'Cannot kill'
    return this.#services.killSwitch.kill(parseScope(scope, attempt), expectText(reason, 'the reason', attempt))
  }

  async block(scope: Scope, reason: string): Promise<number> {
    const attempt = 'Cannot block'
    return this.#services.killSwitch.block(parseScope(scope, attempt), expectText(reason, 'the reason', attempt))
  }

  async unblock(scope: Scope): Promise<boolean> {
    return this.#services.killSwitch.unblock(parseScope(scope, 'Cannot unblock'))
  }

  blocked(): readonly Block[] {
    return this.#services.killSwitch.blocked()
  }

  async isolation(): Promise<readonly TierIsolation[]> {
    this.#expectOpen('Cannot observe isolation')
    const tiers = [...this.#services.basis.tiers.values()]
    return Promise.all(tiers.map(async (tier) => ({ tier: tier.id, ...(await tier.isolation()) })))
  }

  get pressure(): Pressure {
    return this.#services.monitor.current
  }

  stats(): BrokerStats {
    return readStats(this.#services)
  }

  on<Name extends keyof BrokerEvents>(name: Name, listener: (event: BrokerEvents[Name]) => void): () => void {
    return this.#services.events.on(name, listener)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #expectOpen(attempt: string): void {
    if (this.#closing === undefined) return
    throw new RingfenceError('RF_BROKER_CLOSED', `${attempt}: the broker is closed`)
  }

  async #readied(ready: Readying, { signal }: Pick<LoadRequest, 'signal'>, attempt: string): Promise<void> {
    await ready(signal)
    signal?.throwIfAborted()
    this.#expectOpen(attempt)
  }

  #planned(source: string, request: RunRequest, chunks: Chunks | undefined): PlannedWork {
    const plan = makePlan(source, request.program, request.given.input, this.#services.basis)
    const { subject, decision } = plan
    return { subject, decision, work: this.#workOf(plan, request, chunks) }
  }

  #workOf({ verdict, subject }: Plan, { call, given }: RunRequest, chunks: Chunks | undefined): SettledWork {
    if (verdict.kind === 'settled') return verdict
    const reason = this.#services.killSwitch.refusalOf(subject)
    if (reason !== undefined) return { kind: 'settled', outcome: { kind: 'refused', reason } }
    const { runnable } = verdict
    const { program, limits } = runnable
    const task = { program, exportName: call.exportName, ...given, limits, chunks }
    return { kind: 'run', task, seats: new FreshSeats(runnable, this.#services) }
  }

  async #warmed(program: WarmProgram, { signal }: LoadRequest, attempt: string): Promise<LoadedProgram> {
    try {
      await program.warmUp(signal)
      signal?.throwIfAborted()
      this.#expectOpen(attempt)
      return program
    } catch (cause) {
      await program[Symbol.asyncDispose]()
      throw this.#whyNotOpened(cause, signal, attempt)
    }
  }

  async #opened(session: LiveSession, signal: AbortSignal | undefined, attempt: string): Promise<Session> {
    const onAbort = (): void => void session.close()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await session.open(attempt)
      return session
    } catch (cause) {
      throw this.#whyNotOpened(cause, signal, attempt)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** What to throw where nothing could be opened. Throws itself where that was the caller's wish, or the broker's end. */
  #whyNotOpened(cause: unknown, signal: AbortSignal | undefined, attempt: string): RingfenceError {
    signal?.throwIfAborted()
    this.#expectOpen(attempt)
    if (cause instanceof RingfenceError) return cause
    return new RingfenceError('RF_CARRIER_FAILED', `${attempt}: no sandbox can be opened`, { cause })
  }

  /** Whatever can still start something is closed before what it needs; a tier that cannot end is reported at last. */
  async #close(): Promise<void> {
    const { executions, programs, sessions, disposals, basis, logger, killSwitch, relief, ...parts } = this.#services
    await using stack = new AsyncDisposableStack()
    stack.use(this.#guardian)
    for (const tier of basis.tiers.values()) stack.use(tier)
    stack.use(parts.preparer)
    stack.use(parts.ticker)
    stack.use(parts.pressure)
    stack.defer(() => relief.settled())
    stack.use(parts.monitor)
    stack.defer(() => disposals.settled())
    stack.defer(() => killSwitch.saved())
    stack.use(parts.triggers)
    const reason = 'The broker was closed'
    const ended = executions.end(() => true, 'close', reason)
    const closed = Array.from(sessions, (session) => session.end('close', reason))
    for (const version of programs) version.close()
    await Promise.all([ended, ...closed])
    await Promise.all(Array.from(programs, (version) => version[Symbol.asyncDispose]()))
    logger.info({}, 'The broker was closed')
  }
}
