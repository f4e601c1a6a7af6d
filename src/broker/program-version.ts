import { encode } from '../core/codec.ts'
import { lowerLimits } from '../core/limits.ts'
import { LOAD } from '../core/reserved-exports.ts'
import type { Sandbox } from '../core/sandbox.ts'
import { oversize, refused, weakening } from './call-checks.ts'
import type { Chunks } from './chunks.ts'
import { unopened } from './execute.ts'
import type { PlannedWork, SettledWork } from './executions.ts'
import type { WarmStock } from './kill-switch.ts'
import { openSandbox } from './open-sandbox.ts'
import type { PoolOptions } from './options.ts'
import { demandOf, type Plan, type Runnable } from './plan.ts'
import { Pool } from './pool.ts'
import { PooledSeats } from './pooled-seats.ts'
import { judgeLoad, type Kept, kept, keptByAbort, type OwnCall } from './replacement.ts'
import type { CallRequest, Given } from './requests.ts'
import type { Subject } from './scope.ts'
import type { Services } from './services.ts'

interface Warm {
  readonly runnable: Runnable
  readonly pool: Pool
  readonly seats: PooledSeats
}

/** One version of a loaded program, and its pool. Policy has spoken: what is left to check for a call is its input and its own limits. */
export class ProgramVersion implements WarmStock, AsyncDisposable {
  readonly plan: Plan
  readonly #services: Services
  readonly #warm: Warm | undefined
  /** What its sandboxes are to stand apart from, for as long as it does not serve itself. */
  apartFrom: Sandbox | undefined
  #isClosed = false

  constructor(plan: Plan, options: PoolOptions, services: Services) {
    this.plan = plan
    this.#services = services
    if (plan.verdict.kind === 'run') this.#warm = this.#makeWarm(plan.verdict.runnable, options)
    services.programs.add(this)
  }

  get subject(): Subject {
    return this.plan.subject
  }

  get pool(): Pool | undefined {
    return this.#warm?.pool
  }

  /** Whether it was closed: by whoever loaded it, or with its broker. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Opens no sandbox any more. Those in use go when their calls end. */
  close(): void {
    this.#isClosed = true
    this.#warm?.pool.close()
  }

  async retireIdle(): Promise<void> {
    await this.#warm?.pool.retireIdle()
  }

  /** Opens the sandboxes that are to be warm from the start; ends with the version itself when aborted. */
  async warmUp(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => void this[Symbol.asyncDispose]()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#warm?.pool.fill()
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Opens those sandboxes, one at least, and runs the program in them. Answers whether it accepts a state. */
  async load(call: OwnCall, signal: AbortSignal): Promise<boolean | Kept> {
    try {
      await this.warmUp(signal)
    } catch (error) {
      return signal.aborted ? keptByAbort('open', signal) : kept('open', unopened(error))
    }
    const count = Math.max(1, this.pool?.sizes.idle ?? 0)
    const loads = await Promise.all(Array.from({ length: count }, () => call(LOAD, encode(undefined))))
    const judged = loads.map(judgeLoad)
    return judged.find((one) => typeof one !== 'boolean') ?? judged.every((one) => one === true)
  }

  /** What a call of it comes to now. */
  planned(given: Given, request: CallRequest, chunks?: Chunks): PlannedWork {
    const { subject, decision } = this.plan
    return { subject, decision, work: this.#workOf(given, request, chunks) }
  }

  /** Resolves when every sandbox that is not in use is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await this.#warm?.pool[Symbol.asyncDispose]()
    this.#services.programs.delete(this)
  }

  #workOf(given: Given, { exportName, limits: requested }: CallRequest, chunks: Chunks | undefined): SettledWork {
    const { verdict, subject } = this.plan
    if (this.#warm === undefined) {
      return verdict.kind === 'settled' ? verdict : refused('The program cannot run')
    }
    const { runnable, seats } = this.#warm
    const { program } = runnable
    const limits = requested === undefined ? runnable.limits : lowerLimits(runnable.limits, requested)
    const problem =
      this.#services.killSwitch.refusalOf(subject) ??
      weakening(runnable.limits, requested) ??
      oversize(given.input, limits)
    if (problem !== undefined) return refused(problem)
    return { kind: 'run', task: { program, exportName, ...given, limits, chunks }, seats }
  }

  #makeWarm(runnable: Runnable, options: PoolOptions): Warm {
    const { logger, killSwitch, admission, monitor, onAudit } = this.#services
    const demand = demandOf(runnable)
    const pool = new Pool({
      options,
      logger,
      keepsWarm: () => killSwitch.refusalOf(this.subject) === undefined && monitor.current.level === 'none',
      letsFollow: () => admission.letsFollow(demand),
      open: async (signal) => {
        if (!monitor.admits(demand)) await monitor.pass(demand, signal)
        return openSandbox(runnable, signal, onAudit, this.apartFrom)
      },
    })
    return { runnable, pool, seats: new PooledSeats(pool, admission, demand) }
  }
}
