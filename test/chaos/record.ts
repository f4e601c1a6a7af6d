import { setTimeout as delay } from 'node:timers/promises'
import type { Broker, Execution, Running, TierId } from '../../src/index.ts'
import { eventually, isAlive } from '../leaks/held.ts'

/** What has to return where all is well. */
export const HONEST = 'export default (x) => x * 2'
const KINDS = ['returned', 'threw', 'exceeded', 'killed', 'crashed', 'refused']
/** How long anything may take on a busy machine before it counts as lost. */
const PATIENCE_MS = 60_000

/** The processes of a broker's children now, all or those with a guest. */
export const pidsOf = (broker: Broker, atWork = false): readonly number[] =>
  broker
    .stats()
    .tiers.flatMap(({ carriers }) =>
      carriers.flatMap(({ pid, sandboxes }) => (atWork && sandboxes === 0 ? [] : (pid ?? []))),
    )
    .filter((pid) => pid !== process.pid)

/** What happened to one broker and all who call it. */
export class CallRecord {
  readonly broker: Broker
  readonly pids: Set<number> = new Set<number>()
  readonly endings: string[] = []
  readonly faults: string[] = []
  readonly #seen = new Set<string>()
  readonly #results: Promise<void>[] = []

  constructor(broker: Broker) {
    this.broker = broker
  }

  follow(running: Running): void {
    const settle = ({ id, outcome }: Execution): void => {
      this.endings.push(`${running.tier} ${outcome.kind}`)
      if (!KINDS.includes(outcome.kind)) this.faults.push(`ended as ${JSON.stringify(outcome)}`)
      if (this.#seen.has(id)) this.faults.push(`${id} ended twice`)
      this.#seen.add(id)
      if (outcome.kind === 'crashed' && outcome.detail.length === 0) this.faults.push('crashed without a cause')
    }
    this.#results.push(
      running.result.then(settle, (error: unknown) => void this.faults.push(`rejected: ${String(error)}`)),
    )
  }

  look(): void {
    for (const pid of pidsOf(this.broker)) this.pids.add(pid)
  }

  async settle(others: readonly Promise<unknown>[]): Promise<void> {
    await this.within(Promise.allSettled(others), 'kills and loads')
    const calls = this.#results.length
    await this.within(Promise.all(this.#results), `${calls - this.endings.length} of ${calls} calls`)
    if (this.endings.length !== calls) this.faults.push(`${calls} calls started, ${this.endings.length} ended`)
    const { running, queued, ended } = this.broker.stats()
    const counted = Object.values(ended).reduce((sum, count) => sum + count, 0)
    if (running + queued > 0) this.faults.push(`${running} still running, ${queued} queued`)
    if (counted !== calls) this.faults.push(`the broker counted ${counted} of ${calls}`)
  }

  /** Once nothing dies any more, honest programs have to return in every tier, if need be after a pause. */
  async heal(tier: TierId): Promise<void> {
    let last = ''
    const until = performance.now() + PATIENCE_MS
    while (last !== 'returned' && performance.now() < until) {
      const running = this.broker.start(HONEST, { trust: 'trusted', tier, input: 21 })
      this.follow(running)
      const { outcome } = await running.result
      last = outcome.kind
      if (outcome.kind === 'returned' && outcome.value !== 42) this.faults.push(`${tier} answered wrongly`)
      if (last !== 'returned') await delay(100)
    }
    if (last !== 'returned') this.faults.push(`${tier} did not heal: ${last}`)
  }

  async close(): Promise<void> {
    this.look()
    await this.within(this.broker.close(), 'closing')
    const gone = await eventually(() => ![...this.pids].some(isAlive), 10_000)
    if (!gone) this.faults.push(`left running: ${[...this.pids].filter(isAlive).join(', ')}`)
  }

  async within(work: Promise<unknown>, what: string): Promise<void> {
    const patience = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => patience.resolve('late'), PATIENCE_MS)
    if ((await Promise.race([work, patience.promise])) === 'late') this.faults.push(`not over in time: ${what}`)
    clearTimeout(timer)
  }
}
