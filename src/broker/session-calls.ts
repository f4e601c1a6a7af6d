import { lowerLimits } from '../core/limits.ts'
import type { Execution, Limits } from '../core/types.ts'
import { refused, weakening } from './call-checks.ts'
import type { PlannedWork, Readying, SettledWork, Work } from './executions.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Opened } from './open-sandbox.ts'
import type { SessionLimits } from './options.ts'
import { demandOf, type Runnable } from './plan.ts'
import type { CallRequest } from './requests.ts'
import type { Left } from './seats.ts'
import type { Services } from './services.ts'
import { describeEnding, endingAfter, type SessionEnding } from './session-ending.ts'
import { SessionLine } from './session-line.ts'
import { SessionSeats } from './session-seats.ts'
import type { MakeTask, OpenState, SessionVersion } from './session-state.ts'
import { SessionBudget } from './session-usage.ts'

/** What the calls of a session need of it. */
export interface CallsHost {
  readonly services: Services
  readonly limits: SessionLimits
  /** Told when the last call there was has ended. */
  readonly onRest: () => void
  /** Ends the session, after a call or for want of calls. */
  readonly end: (ending: SessionEnding) => void
}

/** The calls of one session: one after the other, each in the version that serves when its turn has come. */
export class SessionCalls {
  readonly services: Services
  readonly line: SessionLine
  readonly budget: SessionBudget
  /** What serves now. Its owner is the session. */
  version: SessionVersion
  readonly #end: (ending: SessionEnding) => void

  constructor(version: SessionVersion, { services, limits, onRest, end }: CallsHost) {
    this.version = version
    this.services = services
    this.budget = new SessionBudget(limits)
    this.line = new SessionLine(limits.idleMs, onRest, () => end({ kind: 'idle' }))
    this.#end = end
  }

  /** One call more, behind those there are. */
  launch(
    { signal, limits }: Omit<CallRequest, 'exportName'>,
    prepare: ((state: OpenState, aborted?: AbortSignal) => Promise<void>) | undefined,
    make: MakeTask,
  ): LiveExecution {
    const { subject, decision } = this.version.plan
    const before = this.line.clear
    // When its turn has come: what could not be prepared elsewhere is forgotten soon, and this thread would try it then.
    const ready: Readying = async (aborted) => {
      await before
      const { state } = this.version
      if (state.kind === 'open') await prepare?.(state, aborted)
    }
    let hasRun = false
    const plan = (): PlannedWork => {
      const work = this.#workNow(limits, make)
      hasRun = work.kind === 'run'
      return { subject: this.version.plan.subject, decision: this.version.plan.decision, work }
    }
    const work: Work = { kind: 'later', ready, plan }
    const live = this.services.executions.launch({ subject, decision, work, signal, owner: this })
    this.line.join(live.result.then(({ usage }) => hasRun && this.charge(usage)))
    return live
  }

  /** Counts what one of them has used. */
  charge(usage: Execution['usage']): void {
    this.budget.add(usage)
    const limit = this.budget.spent
    if (limit !== undefined) this.#end({ kind: 'spent', limit })
  }

  /** How the session stands with this sandbox. */
  openStateOf(opened: Opened, runnable: Runnable): OpenState {
    const onLeft = (left: Left, { race }: LiveExecution): void => {
      if (left === 'unused' || (left === 'well' && opened.sandbox.reusable)) return
      const { state } = this.version
      // The sandbox of a version that does not serve yet ends nothing but that.
      if (state.kind === 'open' && state.opened === opened) this.#end(endingAfter(race.outcome))
    }
    const seats = new SessionSeats(opened, this.services.admission, demandOf(runnable), onLeft)
    return { kind: 'open', opened, seats, runnable }
  }

  #workNow(requested: Partial<Limits> | undefined, make: MakeTask): SettledWork {
    const { state, plan } = this.version
    if (state.kind === 'settled') return state.work
    if (state.kind !== 'open') {
      return refused(`The session has ended${state.kind === 'ended' ? `: ${describeEnding(state.ending)}` : ''}`)
    }
    const { limits, tier } = state.runnable
    const problem = this.services.killSwitch.refusalOf(plan.subject) ?? weakening(limits, requested)
    if (problem !== undefined) return refused(problem)
    const own = requested === undefined ? limits : lowerLimits(limits, requested)
    const task = make(state, this.budget.lower(own, tier.traits))
    if ('kind' in task) return task
    this.budget.begin()
    return { kind: 'run', task, seats: state.seats }
  }
}
