import type { BlockState } from './block-state.ts'
import type { Block } from './kill-switch.ts'
import { nameOf, type Subject, scopesOf } from './scope.ts'

/** How many quarantines are kept. A guest could make more and more programs that deserve one; the oldest is let go. */
const MAX_QUARANTINES = 10_000

/**
 * The scopes in which nothing may run. A block holds from the moment it is added, and is lifted only once that is on
 * the disk: whatever fails in between, what was blocked stays blocked.
 */
export class BlockList {
  readonly #blocks: Map<string, Block>
  readonly #lifting = new Set<Block>()
  readonly #state: BlockState | undefined
  #quarantines: number
  /** Stands beside the others, so that its going lifts nothing else. */
  #hold: Block | undefined

  constructor(state: BlockState | undefined) {
    this.#state = state
    const blocks = state?.blocks ?? []
    this.#blocks = new Map(blocks.map((block) => [nameOf(block.scope), block]))
    this.#quarantines = blocks.filter(({ by }) => by === 'quarantine').length
  }

  /** Adds a block in place of the one of the same scope. Resolves when a restart would find it. */
  add(block: Block): Promise<void> {
    this.#remove(nameOf(block.scope))
    this.#blocks.set(nameOf(block.scope), block)
    if (block.by === 'quarantine') this.#quarantines += 1
    if (this.#quarantines > MAX_QUARANTINES) this.#forgetOldestQuarantine()
    return this.#save()
  }

  /** Lifts the block of exactly this scope, once a restart would not find it. Answers whether there was one to lift. */
  async lift(scope: Block['scope']): Promise<boolean> {
    const name = nameOf(scope)
    const block = this.#blocks.get(name)
    if (block === undefined) return false
    const isFirst = !this.#lifting.has(block)
    this.#lifting.add(block)
    try {
      await this.#save()
      // It may have been blocked anew meanwhile, which stands.
      if (this.#blocks.get(name) === block) this.#remove(name)
    } finally {
      this.#lifting.delete(block)
    }
    return isFirst
  }

  /** Holds everything, or nothing any more. Not kept for a restart: whoever holds knows it by himself. */
  hold(block: Block | undefined): void {
    this.#hold = block
  }

  /** Whether there is a block of exactly this scope. */
  has(scope: Block['scope']): boolean {
    return this.#blocks.has(nameOf(scope))
  }

  /** Every block there is. */
  list(): readonly Block[] {
    return [...(this.#hold === undefined ? [] : [this.#hold]), ...this.#blocks.values()]
  }

  /** The block that reaches a subject, widest scope first. */
  reaching(subject: Subject): Block | undefined {
    if (this.#hold !== undefined || this.#blocks.size === 0) return this.#hold
    for (const scope of scopesOf(subject)) {
      const block = this.#blocks.get(nameOf(scope))
      if (block !== undefined) return block
    }
    return undefined
  }

  /** Resolves when nothing is left to be written. */
  async saved(): Promise<void> {
    await this.#state?.settled()
  }

  #save(): Promise<void> {
    const left = (): readonly Block[] => [...this.#blocks.values()].filter((block) => !this.#lifting.has(block))
    return this.#state?.save(left) ?? Promise.resolve()
  }

  #remove(name: string): void {
    if (this.#blocks.get(name)?.by === 'quarantine') this.#quarantines -= 1
    this.#blocks.delete(name)
  }

  #forgetOldestQuarantine(): void {
    for (const [name, { by }] of this.#blocks) {
      if (by !== 'quarantine') continue
      this.#remove(name)
      return
    }
  }
}
