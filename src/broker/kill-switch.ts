import type { Scope } from '../core/types.ts'
import type { BlockList } from './block-list.ts'
import type { Executions } from './executions.ts'
import type { Logger } from './options.ts'
import { nameOf, reaches, type Subject } from './scope.ts'

/** Who blocked: a call of `block`, the kill signal, the quarantine, or the kill file. */
export type BlockedBy = 'operator' | 'signal' | 'quarantine' | 'file'

/** A scope in which nothing may run, and why. */
export interface Block {
  readonly scope: Scope
  readonly reason: string
  readonly by: BlockedBy
}

/** Sandboxes that may stand idle, as far as a kill switch is concerned. */
export interface WarmStock {
  readonly subject: Subject
  /** Gives up those that are idle now. Resolves when nothing of them runs any more. */
  retireIdle(reason: string): Promise<void>
}

/** Ends what runs in a scope and keeps others from starting there. */
export class KillSwitch {
  readonly #blocks: BlockList
  readonly #executions: Executions
  readonly #stocks: readonly ReadonlySet<WarmStock>[]
  readonly #logger: Logger

  constructor(blocks: BlockList, executions: Executions, stocks: readonly ReadonlySet<WarmStock>[], logger: Logger) {
    this.#blocks = blocks
    this.#executions = executions
    this.#stocks = stocks
    this.#logger = logger
  }

  /**
   * Ends what runs or waits in the scope, and gives up its idle sandboxes, in which timers of a guest may still be
   * pending. Resolves when nothing of them runs any more, with how many executions this ended.
   */
  async kill(scope: Scope, reason: string): Promise<number> {
    const reached = this.#stocks.flatMap((stocks) => [...stocks]).filter(({ subject }) => reaches(scope, subject))
    const retireIdle = (): Promise<unknown> => Promise.all(reached.map((stock) => stock.retireIdle(reason)))
    const [ended] = await Promise.all([
      this.#executions.end((subject) => reaches(scope, subject), 'switch', reason),
      retireIdle(),
    ])
    // A call that ended by itself just before may have given its sandbox back meanwhile.
    await retireIdle()
    this.#logger.info({ scope, reason, ended }, 'A kill switch was used')
    return ended
  }

  /**
   * Refuses what comes in the scope, from now on, and ends what is there. A second reason for the same scope replaces
   * the first. Rejects when the block cannot be kept for a restart; it holds, and what was there has ended, all the same.
   */
  async block(scope: Scope, reason: string, by: BlockedBy = 'operator'): Promise<number> {
    const saved = this.#blocks.add({ scope, reason, by })
    saved.catch(() => {})
    this.#logger.info({ scope, reason, by }, 'A scope was blocked')
    const ended = await this.kill(scope, reason)
    await saved
    return ended
  }

  /** As `block`, for those nobody waits for. */
  blockUnattended(scope: Scope, reason: string, by: BlockedBy): void {
    this.block(scope, reason, by).catch((err: unknown) => {
      this.#logger.error({ err, scope, reason, by }, 'Cannot keep a block for a restart')
    })
  }

  /** Refuses and ends everything for as long as something outside says so; undefined when it does not any more. */
  hold(reason: string | undefined): void {
    const scope = { all: true } as const
    this.#blocks.hold(reason === undefined ? undefined : { scope, reason, by: 'file' })
    this.#logger.warn({ reason }, reason === undefined ? 'The kill file is gone' : 'The kill file is there')
    if (reason !== undefined) void this.kill(scope, reason)
  }

  /**
   * Lets the scope run again. Answers whether it was blocked; blocks of other scopes stand, and so does the kill file.
   * Rejects, and the scope stays blocked, when a restart would not know of it.
   */
  async unblock(scope: Scope): Promise<boolean> {
    const lifted = await this.#blocks.lift(scope)
    if (lifted) this.#logger.info({ scope }, 'A scope was unblocked')
    return lifted
  }

  /** Whether exactly this scope is blocked. */
  isBlocked(scope: Scope): boolean {
    return this.#blocks.has(scope)
  }

  /** Every block there is. */
  blocked(): readonly Block[] {
    return this.#blocks.list()
  }

  /** Resolves when no block is left to be written. */
  saved(): Promise<void> {
    return this.#blocks.saved()
  }

  /** Says why a subject may not run now, or nothing. */
  refusalOf(subject: Subject): string | undefined {
    const block = this.#blocks.reaching(subject)
    return block && `Blocked for ${nameOf(block.scope)}: ${block.reason}`
  }
}
