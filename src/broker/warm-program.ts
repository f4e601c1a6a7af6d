import { RingfenceError } from '../core/errors.ts'
import { lowerLimits } from '../core/limits.ts'
import type { Data, Execution, PolicyDecision } from '../core/types.ts'
import type { LoadedProgram, Running } from './broker.ts'
import { oversize, refused, weakening } from './call-checks.ts'
import type { Work } from './executions.ts'
import type { WarmStock } from './kill-switch.ts'
import { openSandbox } from './open-sandbox.ts'
import type { CallOptions, PoolOptions } from './options.ts'
import { demandOf, type Plan, type Runnable } from './plan.ts'
import { Pool } from './pool.ts'
import { PooledSeats } from './pooled-seats.ts'
import { type CallRequest, encodeInput, parseCall } from './requests.ts'
import { RunningExecution } from './running.ts'
import type { Subject } from './scope.ts'
import type { Services } from './services.ts'

const ATTEMPT = 'Cannot call program'

interface Warm {
  readonly runnable: Runnable
  readonly pool: Pool
  readonly seats: PooledSeats
}

/** A loaded program and its pool. Policy has spoken: what is left to check for a call is its input and its own limits. */
export class WarmProgram implements LoadedProgram, WarmStock {
  readonly #plan: Plan
  readonly #services: Services
  readonly #warm: Warm | undefined
  #disposal: Promise<void> | undefined

  constructor(plan: Plan, options: PoolOptions, services: Services) {
    this.#plan = plan
    this.#services = services
    if (plan.verdict.kind === 'run') this.#warm = makeWarm(plan.verdict.runnable, plan.subject, options, services)
    services.programs.add(this)
  }

  get subject(): Subject {
    return this.#plan.subject
  }

  get hash(): string | undefined {
    return this.#plan.subject.program
  }

  get decision(): PolicyDecision {
    return this.#plan.decision
  }

  get pool(): Pool | undefined {
    return this.#warm?.pool
  }

  async retireIdle(): Promise<void> {
    await this.#warm?.pool.retireIdle()
  }

  /** Opens the sandboxes that are to be warm from the start; ends with the program itself when aborted. */
  async warmUp(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => void this[Symbol.asyncDispose]()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#warm?.pool.fill()
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  async call(input?: Data, options?: CallOptions): Promise<Execution> {
    return this.start(input, options).result
  }

  start(input?: Data, options?: CallOptions): Running {
    if (this.#disposal !== undefined) {
      throw new RingfenceError('RF_BROKER_CLOSED', `${ATTEMPT}: it was disposed of, or its broker closed`)
    }
    const request = parseCall(options, ATTEMPT)
    const work = this.#workOf(encodeInput(input, ATTEMPT), request)
    const { subject, decision } = this.#plan
    const { signal } = request
    return new RunningExecution(this.#services.executions.launch({ subject, decision, work, signal, owner: this }))
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose()
    return this.#disposal
  }

  async #dispose(): Promise<void> {
    const ended = this.#services.executions.end((_, owner) => owner === this, 'handle', 'The program was disposed of')
    // Now that the calls are decided, and before their sandboxes come back: none of these is to be replaced.
    this.#warm?.pool.close()
    await ended
    await this.#warm?.pool[Symbol.asyncDispose]()
    this.#services.programs.delete(this)
  }

  #workOf(input: string, { exportName, limits: requested }: CallRequest): Work {
    const { verdict, subject } = this.#plan
    if (this.#warm === undefined) {
      return verdict.kind === 'settled' ? verdict : refused('The program cannot run')
    }
    const { runnable, seats } = this.#warm
    const { program } = runnable
    const limits = requested === undefined ? runnable.limits : lowerLimits(runnable.limits, requested)
    const problem =
      this.#services.killSwitch.refusalOf(subject) ??
      (requested === undefined ? undefined : weakening(runnable.limits, requested)) ??
      oversize(input, limits)
    if (problem !== undefined) return refused(problem)
    return { kind: 'run', task: { program, exportName, input, limits }, seats }
  }
}

function makeWarm(runnable: Runnable, subject: Subject, options: PoolOptions, services: Services): Warm {
  const { logger, killSwitch, admission, monitor, onAudit } = services
  const demand = demandOf(runnable)
  const pool = new Pool({
    options,
    logger,
    keepsWarm: () => killSwitch.refusalOf(subject) === undefined && monitor.current.level === 'none',
    letsFollow: () => admission.letsFollow(demand),
    open: async (signal) => {
      if (!monitor.admits(demand)) await monitor.pass(demand, signal)
      return openSandbox(runnable, signal, onAudit)
    },
  })
  return { runnable, pool, seats: new PooledSeats(pool, admission, demand) }
}
