import { randomUUID } from 'node:crypto'
import { RingfenceError } from '../core/errors.ts'
import { lowerLimits } from '../core/limits.ts'
import type { Data, Execution, KilledBy, Limits, PolicyDecision } from '../core/types.ts'
import type { Session } from './broker.ts'
import { oversize, refused, weakening } from './call-checks.ts'
import type { PlannedWork, Readying, SettledWork, Work } from './executions.ts'
import type { Task } from './guest-call.ts'
import type { WarmStock } from './kill-switch.ts'
import type { LiveExecution } from './live-execution.ts'
import { type Opened, openSandbox } from './open-sandbox.ts'
import type { EvaluateOptions, SessionCallOptions, SessionLimits } from './options.ts'
import { demandOf, type Plan, type Runnable } from './plan.ts'
import type { Pressure } from './pressure-level.ts'
import type { ProgramRequest } from './program-request.ts'
import { type CallRequest, encodeInput, parseEvaluate, parseExportName, parseSource } from './requests.ts'
import type { Subject } from './scope.ts'
import type { Left } from './seats.ts'
import type { Services } from './services.ts'
import { describeEnding, endingAfter, type SessionEnding, yields } from './session-ending.ts'
import { SessionSeats } from './session-seats.ts'
import type { OpenState, SessionState } from './session-state.ts'
import { SessionText } from './session-text.ts'
import { SessionBudget, type SessionUsage } from './session-usage.ts'
import { expectText } from './shape.ts'

/** One sandbox that keeps what its guest keeps from call to call, until it ends. */
export class LiveSession implements Session, WarmStock {
  readonly id: string = randomUUID()
  readonly #plan: Plan
  readonly #request: ProgramRequest
  readonly #limits: SessionLimits
  readonly #budget: SessionBudget
  readonly #services: Services
  readonly #ended = Promise.withResolvers<SessionEnding>()
  #state: SessionState
  /** Resolves once no call is under way or waits. */
  #calls: Promise<void> = Promise.resolve()
  #pending = 0
  #idleSince = performance.now()
  #idleTimer: NodeJS.Timeout | undefined

  constructor(plan: Plan, request: ProgramRequest, limits: SessionLimits, services: Services) {
    this.#plan = plan
    this.#request = request
    this.#limits = limits
    this.#budget = new SessionBudget(limits)
    this.#services = services
    const reason = services.killSwitch.refusalOf(plan.subject)
    if (plan.verdict.kind === 'settled') this.#state = { kind: 'settled', work: plan.verdict }
    else if (reason !== undefined) this.#state = { kind: 'settled', work: refused(reason) }
    else this.#state = { kind: 'opening', aborter: new AbortController() }
    services.sessions.add(this)
  }

  get subject(): Subject {
    return this.#plan.subject
  }

  get decision(): PolicyDecision {
    return this.#plan.decision
  }

  get state(): 'idle' | 'busy' | 'ended' {
    if (this.#state.kind === 'ended') return 'ended'
    return this.#pending > 0 || this.#state.kind === 'opening' ? 'busy' : 'idle'
  }

  get ended(): Promise<SessionEnding> {
    return this.#ended.promise
  }

  /** Opens its sandbox. Rejects when that cannot be had, or when it was ended meanwhile. */
  async open(attempt: string): Promise<void> {
    const { verdict } = this.#plan
    if (verdict.kind === 'settled' || this.#state.kind !== 'opening') return this.#rest()
    const { signal } = this.#state.aborter
    const { monitor, admission, onAudit, disposals } = this.#services
    const runnable: Runnable = { ...verdict.runnable, evaluates: true }
    const demand = demandOf(runnable)
    try {
      if (!monitor.admits(demand)) await monitor.pass(demand, signal)
      const opened = await openSandbox(runnable, signal, onAudit)
      if (this.state === 'ended') await disposals.add(opened.sandbox)
      else {
        const onLeft = (left: Left, live: LiveExecution): void => this.#onLeft(opened, left, live)
        this.#state = { kind: 'open', opened, seats: new SessionSeats(opened, admission, demand, onLeft), runnable }
        this.#rest()
      }
    } catch (error) {
      this.#expectOpen(attempt)
      await this.#end({ kind: 'crashed', detail: 'It could not be opened' })
      throw error
    }
    this.#expectOpen(attempt)
  }

  async call(exportName: string, input?: Data, options: SessionCallOptions = {}): Promise<Execution> {
    const attempt = 'Cannot call session'
    this.#expectOpen(attempt)
    const name = parseExportName(exportName, attempt)
    const request = parseEvaluate({ ...options }, attempt)
    const encoded = encodeInput(input, attempt)
    return this.#launch(request, undefined, ({ runnable }, limits) => {
      const problem = oversize(encoded, limits)
      if (problem !== undefined) return refused(problem)
      return { program: runnable.program, exportName: name, input: encoded, limits }
    })
  }

  async evaluate(text: string, options: EvaluateOptions = {}): Promise<Execution> {
    const attempt = 'Cannot evaluate in session'
    this.#expectOpen(attempt)
    const source = parseSource(text, attempt)
    const request = parseEvaluate(options, attempt)
    const { verdict, subject } = this.#plan
    if (verdict.kind === 'settled') return this.#launch(request, undefined, () => verdict)
    const home = { request: this.#request, runnable: verdict.runnable, subject, services: this.#services }
    const fragment = new SessionText(source, request.filename, home)
    const task = (_: OpenState, limits: Limits): Task | SettledWork => fragment.task(limits)
    return this.#launch(request, (aborted) => fragment.ready(aborted), task)
  }

  usage(): SessionUsage {
    const { calls, cpuMs } = this.#budget
    return { calls, cpuMs, idleMs: this.state === 'idle' ? performance.now() - this.#idleSince : 0 }
  }

  async kill(reason: string): Promise<void> {
    await this.end('handle', expectText(reason, 'the reason', 'Cannot kill session'))
  }

  async close(): Promise<void> {
    await this.#endAll({ kind: 'closed' }, 'handle', 'The session was closed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Ends it and its calls. Resolves once nothing of it runs any more. */
  async end(by: KilledBy, reason: string): Promise<void> {
    await this.#endAll({ kind: 'killed', by, reason }, by, reason)
  }

  /** Ends it by a kill switch, whose own part it is to end what runs. */
  async retireIdle(reason: string): Promise<void> {
    await this.#end({ kind: 'killed', by: 'switch', reason })
  }

  /** Ends it for others' sake, if it has to and nobody calls it now. */
  yieldTo(pressure: Pressure, reason: string): void {
    const mustEnd = this.state === 'idle' && yields(this.subject.trust, pressure)
    if (mustEnd) void this.#end({ kind: 'killed', by: 'pressure', reason })
  }

  async #endAll(ending: SessionEnding, by: KilledBy, reason: string): Promise<void> {
    const { executions } = this.#services
    const calls = executions.end((_, owner) => owner === this, by, reason)
    await Promise.all([calls, this.#end(ending)])
  }

  #expectOpen(attempt: string): void {
    if (this.#state.kind !== 'ended') return
    const why = describeEnding(this.#state.ending)
    throw new RingfenceError('RF_SESSION_ENDED', `${attempt}: ${why}`)
  }

  /** One call more, behind those there are. */
  async #launch(
    { signal, limits }: Omit<CallRequest, 'exportName'>,
    prepare: Readying | undefined,
    make: (state: OpenState, limits: Limits) => Task | SettledWork,
  ): Promise<Execution> {
    const { subject, decision } = this.#plan
    const before = this.#calls
    // When its turn has come: what could not be prepared elsewhere is forgotten soon, and this thread would try it then.
    const ready: Readying = (aborted) => before.then(() => prepare?.(aborted))
    let hasRun = false
    const plan = (): PlannedWork => {
      const work = this.#workNow(limits, make)
      hasRun = work.kind === 'run'
      return { subject, decision, work }
    }
    clearTimeout(this.#idleTimer)
    this.#pending += 1
    const work: Work = { kind: 'later', ready, plan }
    const live = this.#services.executions.launch({ subject, decision, work, signal, owner: this })
    this.#calls = live.result.then(({ usage }) => {
      this.#pending -= 1
      if (hasRun) this.#budget.add(usage)
      const limit = hasRun ? this.#budget.spent : undefined
      if (limit !== undefined) void this.#end({ kind: 'spent', limit })
      if (this.#pending === 0) this.#rest()
      return before
    })
    return live.result
  }

  #workNow(
    requested: Partial<Limits> | undefined,
    make: (state: OpenState, limits: Limits) => Task | SettledWork,
  ): SettledWork {
    const state = this.#state
    if (state.kind === 'settled') return state.work
    if (state.kind !== 'open') {
      return refused(`The session has ended${state.kind === 'ended' ? `: ${describeEnding(state.ending)}` : ''}`)
    }
    const { limits, tier } = state.runnable
    const problem =
      this.#services.killSwitch.refusalOf(this.subject) ??
      (requested === undefined ? undefined : weakening(limits, requested))
    if (problem !== undefined) return refused(problem)
    const own = requested === undefined ? limits : lowerLimits(limits, requested)
    const left = this.#budget.leftMs
    const task = make(state, lowerLimits(own, tier.traits.cpu === 'metered' ? { cpuMs: left } : { wallMs: left }))
    if ('kind' in task) return task
    this.#budget.begin()
    return { kind: 'run', task, seats: state.seats }
  }

  /** Nobody calls it now. */
  #rest(): void {
    if (this.#state.kind === 'ended') return
    this.#idleSince = performance.now()
    this.#idleTimer = setTimeout(() => void this.#end({ kind: 'idle' }), this.#limits.idleMs).unref()
    this.yieldTo(this.#services.monitor.current, 'The host is short of memory')
  }

  #onLeft({ sandbox }: Opened, left: Left, { race }: LiveExecution): void {
    if (left === 'unused' || (left === 'well' && sandbox.reusable)) return
    void this.#end(endingAfter(race.outcome))
  }

  #end(ending: SessionEnding): Promise<void> {
    const state = this.#state
    if (state.kind === 'ended') return state.gone
    clearTimeout(this.#idleTimer)
    const { disposals } = this.#services
    if (state.kind === 'opening') state.aborter.abort(new Error(describeEnding(ending)))
    const gone = (state.kind === 'open' ? disposals.add(state.opened.sandbox) : Promise.resolve()).then(() => {
      const { id, subject } = this
      this.#services.sessions.delete(this)
      this.#services.events.emit('session', { id, ...subject, ending })
      this.#ended.resolve(ending)
    })
    this.#state = { kind: 'ended', ending, gone }
    return gone
  }
}
