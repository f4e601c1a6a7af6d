import { randomUUID } from 'node:crypto'
import { RingfenceError } from '../core/errors.ts'
import type { Data, Execution, KilledBy, PolicyDecision } from '../core/types.ts'
import type { RunningStream, Session } from './broker.ts'
import { refused } from './call-checks.ts'
import { Chunks } from './chunks.ts'
import type { WarmStock } from './kill-switch.ts'
import type { LiveExecution } from './live-execution.ts'
import { openSandbox } from './open-sandbox.ts'
import type { EvaluateOptions, ReplaceOptions, SessionCallOptions, SessionLimits } from './options.ts'
import { demandOf, type Plan, type Runnable } from './plan.ts'
import type { Pressure } from './pressure-level.ts'
import type { ProgramRequest } from './program-request.ts'
import type { Replacement } from './replacement.ts'
import { Replacements } from './replacements.ts'
import { parseEvaluate, parseReplace, parseSource } from './requests.ts'
import { StreamingExecution } from './running-stream.ts'
import type { Subject } from './scope.ts'
import type { Services } from './services.ts'
import { SessionCalls } from './session-calls.ts'
import { describeEnding, type SessionEnding, yields } from './session-ending.ts'
import { readExport, type WantedExport } from './session-export.ts'
import { replaceSession } from './session-replacement.ts'
import type { OpenState, SessionState } from './session-state.ts'
import { SessionText } from './session-text.ts'
import type { SessionUsage } from './session-usage.ts'
import { expectText } from './shape.ts'

/** One sandbox that keeps what its guest keeps from call to call, until it ends. */
export class LiveSession implements Session, WarmStock {
  readonly id: string = randomUUID()
  readonly #services: Services
  readonly #calls: SessionCalls
  readonly #replacements = new Replacements()
  readonly #ended = Promise.withResolvers<SessionEnding>()

  constructor(plan: Plan, request: ProgramRequest, limits: SessionLimits, services: Services) {
    this.#services = services
    const state = stateBefore(plan, services.killSwitch.refusalOf(plan.subject))
    this.#calls = new SessionCalls(
      { plan, request, state },
      {
        services,
        limits,
        onRest: () => this.yieldTo(services.monitor.current, 'The host is short of memory'),
        end: (ending) => void this.#end(ending),
      },
    )
    services.sessions.add(this)
  }

  get subject(): Subject {
    return this.#calls.version.plan.subject
  }

  get decision(): PolicyDecision {
    return this.#calls.version.plan.decision
  }

  get state(): 'idle' | 'busy' | 'ended' {
    const { version, line } = this.#calls
    if (version.state.kind === 'ended') return 'ended'
    return line.isBusy || version.state.kind === 'opening' ? 'busy' : 'idle'
  }

  get ended(): Promise<SessionEnding> {
    return this.#ended.promise
  }

  /** Opens its sandbox. Rejects when that cannot be had, or when it was ended meanwhile. */
  async open(attempt: string): Promise<void> {
    const { version, line } = this.#calls
    const { verdict } = version.plan
    if (verdict.kind === 'settled' || version.state.kind !== 'opening') return line.rest()
    const { signal } = version.state.aborter
    const { monitor, onAudit, disposals } = this.#services
    const runnable: Runnable = { ...verdict.runnable, evaluates: true }
    const demand = demandOf(runnable)
    try {
      if (!monitor.admits(demand)) await monitor.pass(demand, signal)
      const opened = await openSandbox(runnable, signal, onAudit)
      if (this.state === 'ended') await disposals.add(opened.sandbox)
      else {
        this.#calls.version = { ...version, state: this.#calls.openStateOf(opened, runnable) }
        line.rest()
      }
    } catch (error) {
      this.#expectOpen(attempt)
      await this.#end({ kind: 'crashed', detail: 'It could not be opened' })
      throw error
    }
    this.#expectOpen(attempt)
  }

  async call(exportName: string, input?: Data, options: SessionCallOptions = {}): Promise<Execution> {
    return this.#callExport({ exportName, input, options }).result
  }

  stream(exportName: string, input?: Data, options: SessionCallOptions = {}): RunningStream {
    const chunks = new Chunks()
    return new StreamingExecution(this.#callExport({ exportName, input, options, chunks }), chunks)
  }

  #callExport(wanted: WantedExport): LiveExecution {
    const attempt = 'Cannot call session'
    this.#expectOpen(attempt)
    const { request, task, source } = readExport(wanted, attempt)
    const live = this.#calls.launch(request, undefined, task)
    source?.endWith(live.result)
    return live
  }

  async evaluate(text: string, options: EvaluateOptions = {}): Promise<Execution> {
    const attempt = 'Cannot evaluate in session'
    this.#expectOpen(attempt)
    const source = parseSource(text, attempt)
    const request = parseEvaluate(options, attempt)
    const textIn = ({ runnable }: OpenState): SessionText => {
      const home = { request: this.#calls.version.request, runnable, subject: this.subject, services: this.#services }
      return new SessionText(source, request.filename, home)
    }
    const prepare = (state: OpenState, aborted?: AbortSignal): Promise<void> => textIn(state).ready(aborted)
    return this.#calls.launch(request, prepare, (state, limits) => textIn(state).task(limits)).result
  }

  async replace(source: string, options?: ReplaceOptions): Promise<Replacement> {
    const attempt = 'Cannot replace session'
    this.#expectOpen(attempt)
    const text = parseSource(source, attempt)
    const request = parseReplace(options, this.#calls.version.request, attempt)
    const replace = (signal: AbortSignal): Promise<Replacement> => replaceSession(this.#calls, text, request, signal)
    const replacement = this.#replacements.add(replace, request.signal)
    void this.#calls.line.occupy(replacement)
    return replacement
  }

  usage(): SessionUsage {
    const { budget, line } = this.#calls
    return { calls: budget.calls, cpuMs: budget.cpuMs, idleMs: this.state === 'idle' ? line.idleMs : 0 }
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
    const calls = executions.end((_, owner) => owner === this.#calls, by, reason)
    await Promise.all([calls, this.#end(ending)])
  }

  #expectOpen(attempt: string): void {
    const { state } = this.#calls.version
    if (state.kind !== 'ended') return
    const why = describeEnding(state.ending)
    throw new RingfenceError('RF_SESSION_ENDED', `${attempt}: ${why}`)
  }

  #end(ending: SessionEnding): Promise<void> {
    const { version, line } = this.#calls
    const { state } = version
    if (state.kind === 'ended') return state.gone
    line.close()
    const { disposals } = this.#services
    const replaced = this.#replacements.end(`The session has ended: ${describeEnding(ending)}`)
    if (state.kind === 'opening') state.aborter.abort(new Error(describeEnding(ending)))
    const left = state.kind === 'open' ? disposals.add(state.opened.sandbox) : undefined
    const gone = Promise.all([left, replaced]).then(() => {
      this.#services.sessions.delete(this)
      this.#services.events.emit('session', { id: this.id, ...this.subject, ending })
      this.#ended.resolve(ending)
    })
    this.#calls.version = { ...version, state: { kind: 'ended', ending, gone } }
    return gone
  }
}

function stateBefore({ verdict }: Plan, blocked: string | undefined): SessionState {
  if (verdict.kind === 'settled') return { kind: 'settled', work: verdict }
  if (blocked !== undefined) return { kind: 'settled', work: refused(blocked) }
  return { kind: 'opening', aborter: new AbortController() }
}
