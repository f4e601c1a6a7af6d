import { RingfenceError } from '../core/errors.ts'
import type { Data, Execution, PolicyDecision } from '../core/types.ts'
import type { LoadedProgram, Running, RunningStream } from './broker.ts'
import { Chunks } from './chunks.ts'
import type { Order, PlannedWork } from './executions.ts'
import type { LiveExecution } from './live-execution.ts'
import type { CallOptions, PoolOptions, ReplaceOptions } from './options.ts'
import type { Plan } from './plan.ts'
import type { ProgramRequest } from './program-request.ts'
import { ProgramVersion } from './program-version.ts'
import { handOver, kept, keptByAbort, type OwnCall, planVersion, REPLACED, type Replacement } from './replacement.ts'
import { Replacements } from './replacements.ts'
import {
  type CallRequest,
  type LoadRequest,
  parseCall,
  parseInput,
  parseReplace,
  parseSource,
  type ReplaceRequest,
} from './requests.ts'
import { RunningExecution } from './running.ts'
import { StreamingExecution } from './running-stream.ts'
import type { Services } from './services.ts'

const GONE = 'it was disposed of, or its broker closed'

/** A loaded program: the version that serves its calls, and those before it until their last calls have ended. */
export class WarmProgram implements LoadedProgram {
  readonly #services: Services
  readonly #options: PoolOptions
  readonly #replacements = new Replacements()
  readonly #versions = new Set<ProgramVersion>()
  #request: ProgramRequest
  #current: ProgramVersion
  /** Resolves once a state was handed over. While there is one, calls wait to learn which version they are calls of. */
  #handingOver: Promise<void> | undefined
  #disposal: Promise<void> | undefined

  constructor(plan: Plan, { program, pool }: Pick<LoadRequest, 'program' | 'pool'>, services: Services) {
    this.#services = services
    this.#options = pool
    this.#request = program
    this.#current = this.#versionOf(plan)
  }

  get hash(): string | undefined {
    return this.#current.subject.program
  }

  get decision(): PolicyDecision {
    return this.#current.plan.decision
  }

  /** Opens the sandboxes that are to be warm from the start; ends with the program itself when aborted. */
  async warmUp(signal: AbortSignal | undefined): Promise<void> {
    await this.#current.warmUp(signal)
  }

  async call(input?: Data, options?: CallOptions): Promise<Execution> {
    return this.start(input, options).result
  }

  start(input?: Data, options?: CallOptions): Running {
    return new RunningExecution(this.#begin(input, options))
  }

  stream(input?: Data, options?: CallOptions): RunningStream {
    const chunks = new Chunks()
    return new StreamingExecution(this.#begin(input, options, chunks), chunks)
  }

  async replace(source: string, options?: ReplaceOptions): Promise<Replacement> {
    const attempt = 'Cannot replace program'
    this.#expectServing(attempt)
    const text = parseSource(source, attempt)
    const request = parseReplace(options, this.#request, attempt)
    return this.#replacements.add((signal) => this.#replaceBy(text, request, signal), request.signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose()
    return this.#disposal
  }

  async #dispose(): Promise<void> {
    const reason = 'The program was disposed of'
    const ended = this.#services.executions.end((_, owner) => owner === this, 'handle', reason)
    const replaced = this.#replacements.end(reason)
    // Now that the calls are decided, and before their sandboxes come back: none of these is to be replaced.
    for (const version of this.#versions) version.close()
    await Promise.all([ended, replaced])
    await Promise.all(Array.from(this.#versions, (version) => this.#retire(version)))
  }

  #begin(input: Data, options: CallOptions | undefined, chunks?: Chunks): LiveExecution {
    const attempt = 'Cannot call program'
    this.#expectServing(attempt)
    const request = parseCall(options, attempt)
    const given = parseInput(input, attempt)
    const waiting = this.#handingOver
    const plan = (): PlannedWork => this.#current.planned(given, request, chunks)
    const { subject, decision } = this.#current.plan
    const order =
      waiting === undefined
        ? plan()
        : { subject, decision, work: { kind: 'later', ready: () => waiting, plan } as const }
    const live = this.#launch(order, request.signal)
    given.source?.endWith(live.result)
    return live
  }

  #expectServing(attempt: string): void {
    if (this.#isServing) return
    throw new RingfenceError('RF_BROKER_CLOSED', `${attempt}: ${GONE}`)
  }

  get #isServing(): boolean {
    return this.#disposal === undefined && !this.#current.isClosed
  }

  #launch(planned: Omit<Order, 'signal'>, signal: AbortSignal | undefined): LiveExecution {
    return this.#services.executions.launch({ ...planned, signal, owner: this })
  }

  #versionOf(plan: Plan): ProgramVersion {
    const version = new ProgramVersion(plan, this.#options, this.#services)
    this.#versions.add(version)
    return version
  }

  async #retire(version: ProgramVersion): Promise<void> {
    await version[Symbol.asyncDispose]()
    this.#versions.delete(version)
  }

  async #replaceBy(source: string, request: ReplaceRequest, signal: AbortSignal): Promise<Replacement> {
    const program = { ...this.#request, ...request.changes }
    const planned = await planVersion(source, program, this.#services, signal)
    if (planned.kind === 'kept') return planned
    if (!this.#isServing) return kept('open', { kind: 'refused', reason: `Cannot replace program: ${GONE}` })
    const next = this.#versionOf(planned.plan)
    next.apartFrom = this.#current.pool?.first
    const accepts = await next.load(this.#ownCall(next, signal), signal)
    if (typeof accepts !== 'boolean') return this.#giveUp(next, accepts)
    // A pool of more has as many states, of which none is the program's.
    const handsOver = accepts && request.handsOver && this.#options.max === 1
    const replacement = await this.#takeOver(next, program, handsOver, signal)
    return replacement.kind === 'replaced' ? replacement : this.#giveUp(next, replacement)
  }

  async #giveUp(version: ProgramVersion, replacement: Replacement): Promise<Replacement> {
    await this.#retire(version)
    return replacement
  }

  /** From here on calls are calls of the new version, or wait to be. */
  async #takeOver(
    next: ProgramVersion,
    program: ProgramRequest,
    handsOver: boolean,
    signal: AbortSignal,
  ): Promise<Replacement> {
    const before = this.#current
    const calls = this.#services.executions.ended(this)
    const told = Promise.withResolvers<void>()
    if (handsOver) this.#handingOver = told.promise
    try {
      const replacement = handsOver ? await this.#handOver(before, next, calls, signal) : REPLACED
      const problem = replacement.kind === 'kept' ? replacement : this.#problemOf(next, signal)
      if (problem !== undefined) return problem
      next.apartFrom = undefined
      this.#current = next
      this.#request = program
      void calls.then(() => this.#retire(before))
      return replacement
    } finally {
      this.#handingOver = undefined
      told.resolve()
    }
  }

  async #handOver(
    before: ProgramVersion,
    next: ProgramVersion,
    calls: Promise<void>,
    signal: AbortSignal,
  ): Promise<Replacement> {
    await calls
    // Where no sandbox is left, no state is.
    if (before.pool === undefined || before.pool.sizes.idle === 0) return REPLACED
    return handOver(this.#ownCall(before, signal), this.#ownCall(next, signal))
  }

  /** Why a version that is ready may not take over all the same. */
  #problemOf(next: ProgramVersion, signal: AbortSignal): Replacement | undefined {
    if (signal.aborted) return keptByAbort('accept', signal)
    const reason = this.#isServing ? this.#services.killSwitch.refusalOf(next.subject) : GONE
    return reason === undefined ? undefined : kept('accept', { kind: 'refused', reason })
  }

  #ownCall(version: ProgramVersion, signal: AbortSignal): OwnCall {
    return (exportName, input) => {
      const request: CallRequest = { exportName, signal, limits: undefined }
      return this.#launch(version.planned({ input }, request), signal).result
    }
  }
}
