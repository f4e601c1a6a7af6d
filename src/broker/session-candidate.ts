import type { Sandbox } from '../core/sandbox.ts'
import { FreshSeats } from './fresh-seats.ts'
import type { WarmStock } from './kill-switch.ts'
import type { Opened } from './open-sandbox.ts'
import type { Plan, Runnable } from './plan.ts'
import type { Subject } from './scope.ts'
import type { Seats } from './seats.ts'
import type { Services } from './services.ts'

/** The sandbox of a session's next version, from its first call until the session takes it, or it is given up. */
export class SessionCandidate implements WarmStock, AsyncDisposable {
  readonly plan: Plan
  readonly runnable: Runnable
  /** Where its first call runs, for which it is opened. */
  readonly seats: Seats
  readonly #services: Services
  #opened: Opened | undefined
  #reason = 'Its sandbox was not opened'

  /** It is put apart from the sandbox that serves, which is not to be lost through it. */
  constructor(plan: Plan, runnable: Runnable, services: Services, serving: Sandbox | undefined) {
    this.plan = plan
    this.runnable = runnable
    this.#services = services
    const keep = (opened: Opened): void => {
      this.#opened = opened
    }
    this.seats = new FreshSeats(runnable, services, { keep, apartFrom: serving })
    services.candidates.add(this)
  }

  get subject(): Subject {
    return this.plan.subject
  }

  /** Its sandbox, for as long as it has one. */
  get opened(): Opened | undefined {
    return this.#opened
  }

  /** Why it has none. */
  get reason(): string {
    return this.#reason
  }

  /** Leaves its sandbox to the session. */
  release(): void {
    this.#opened = undefined
  }

  async retireIdle(reason: string): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    this.#reason = reason
    if (opened !== undefined) await this.#services.disposals.add(opened.sandbox)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#services.candidates.delete(this)
    await this.retireIdle('It was given up')
  }
}
