import type { Scope } from '../core/types.ts'
import type { Executions } from './executions.ts'
import type { Logger } from './options.ts'
import type { Pool } from './pool.ts'
import { nameOf, reaches, type Subject } from './scope.ts'

/** A scope in which nothing may run, and why. */
export interface Block {
  readonly scope: Scope
  readonly reason: string
}

/** The warm sandboxes of one program, as far as a kill switch is concerned. */
export interface WarmStock {
  readonly subject: Subject
  /** Absent for a program that cannot run. */
  readonly pool: Pool | undefined
}

/** Ends what runs in a scope and keeps others from starting there. */
export class KillSwitch {
  readonly #blocks = new Map<string, Block>()
  readonly #executions: Executions
  readonly #stocks: ReadonlySet<WarmStock>
  readonly #logger: Logger

  constructor(executions: Executions, stocks: ReadonlySet<WarmStock>, logger: Logger) {
    this.#executions = executions
    this.#stocks = stocks
    this.#logger = logger
  }

  /**
   * Ends what runs or waits in the scope, and gives up its idle sandboxes, in which timers of a guest may still be
   * pending. Resolves when nothing of them runs any more, with how many executions this ended.
   */
  async kill(scope: Scope, reason: string): Promise<number> {
    const reached = [...this.#stocks].filter(({ subject }) => reaches(scope, subject))
    const pools = reached.flatMap(({ pool }) => pool ?? [])
    const retireIdle = (): Promise<unknown> => Promise.all(pools.map((pool) => pool.retireIdle()))
    const [ended] = await Promise.all([
      this.#executions.end(({ subject }) => reaches(scope, subject), 'switch', reason),
      retireIdle(),
    ])
    // A call that ended by itself just before may have given its sandbox back meanwhile.
    await retireIdle()
    this.#logger.info({ scope, reason, ended }, 'A kill switch was used')
    return ended
  }

  /** Refuses what comes in the scope, and ends what is there. A second reason for the same scope replaces the first. */
  block(scope: Scope, reason: string): Promise<number> {
    this.#blocks.set(nameOf(scope), { scope, reason })
    this.#logger.info({ scope, reason }, 'A scope was blocked')
    return this.kill(scope, reason)
  }

  /** Lets the scope run again. Answers whether it was blocked; blocks of other scopes stand. */
  unblock(scope: Scope): boolean {
    const lifted = this.#blocks.delete(nameOf(scope))
    if (lifted) this.#logger.info({ scope }, 'A scope was unblocked')
    return lifted
  }

  /** Every block there is. */
  blocked(): readonly Block[] {
    return [...this.#blocks.values()]
  }

  /** Says why a subject may not run now, or nothing. */
  refusalOf(subject: Subject): string | undefined {
    for (const [name, { scope, reason }] of this.#blocks) {
      if (reaches(scope, subject)) return `Blocked for ${name}: ${reason}`
    }
    return undefined
  }
}
