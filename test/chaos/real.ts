import {
  type Broker,
  createBroker,
  type Execution,
  type LoadedProgram,
  type Running,
  type TierId,
} from '../../src/index.ts'
import { eventually, isAlive } from '../leaks/held.ts'
import { Random } from './random.ts'
import type { ScheduleReport } from './simulated.ts'

const TIERS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']
/** Tiers with something to kill from outside. */
const WITH_CHILDREN: readonly TierId[] = ['isolate', 'process']
const STEPS = 15
const KINDS = ['returned', 'threw', 'exceeded', 'killed', 'crashed', 'refused']
/** How long anything may take on a busy machine before it counts as lost. */
const PATIENCE_MS = 30_000
const LIMITS = { wallMs: 400, cpuMs: 400, memoryBytes: 32 * 2 ** 20, hostCalls: 50 }

const HONEST = 'export default (x) => x * 2'
/** Short and bounded: those that cannot be stopped inside a process are no part of this. */
const GUESTS: readonly string[] = [
  HONEST,
  'export default () => { for (;;); }',
  'export default () => new Promise(() => {})',
  "import { slow } from 'host'; export default async (x) => { for (let i = 0; i < 5; i += 1) await slow(x); return x }",
  "import { slow } from 'host'; export default (x) => Promise.all([slow(x), slow(x), slow(x)])",
  'export default () => { throw new TypeError("no") }',
  'export default async () => { for (let i = 0; i < 50; i += 1) { console.log("line"); await new Promise((r) => setTimeout(r, 1)) } }',
]
const HUNGRY = 'export default () => { const all = []; for (;;) all.push(new Array(1e5).fill(1.5)) }'

/** The processes of a broker's children now, all or those with a guest. */
const pidsOf = (broker: Broker, atWork = false): readonly number[] =>
  broker
    .stats()
    .tiers.flatMap(({ carriers }) =>
      carriers.flatMap(({ pid, sandboxes }) => (atWork && sandboxes === 0 ? [] : (pid ?? []))),
    )
    .filter((pid) => pid !== process.pid)

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // ESRCH: it died first.
  }
}

/** One broker whose parts die while it works. */
class RealSchedule {
  readonly #random: Random
  readonly #broker: Broker
  readonly #tiers: readonly TierId[]
  readonly #pids = new Set<number>()
  readonly #programs: LoadedProgram[] = []
  readonly #loading: Promise<void>[] = []
  readonly #kills: Promise<unknown>[] = []
  readonly #results: Promise<void>[] = []
  readonly #seen = new Set<string>()
  readonly #running: Running[] = []
  readonly endings: string[] = []
  readonly faults: string[] = []

  constructor(random: Random, broker: Broker, tiers: readonly TierId[]) {
    this.#random = random
    this.#broker = broker
    this.#tiers = tiers
  }

  async run(steps: number): Promise<void> {
    const closeAt = this.#random.chance(0.15) ? this.#random.below(steps) : steps
    for (let step = 0; step < closeAt; step += 1) {
      this.#act()
      for (const pid of pidsOf(this.#broker)) this.#pids.add(pid)
      if (this.#random.chance(0.6)) await new Promise((resolve) => setTimeout(resolve, this.#random.below(25)))
    }
    if (closeAt === steps) await this.#settle()
    if (closeAt === steps) await this.#heal()
    for (const pid of pidsOf(this.#broker)) this.#pids.add(pid)
    await this.#within(this.#broker.close(), 'closing')
    await this.#settle()
    const gone = await eventually(() => [...this.#pids].every((pid) => !isAlive(pid)), 10_000)
    if (!gone) this.faults.push(`left running: ${[...this.#pids].filter(isAlive).join(', ')}`)
  }

  #act(): void {
    const what = this.#random.next()
    if (what < 0.45) this.#start()
    else if (what < 0.5) this.#loading.push(this.#load())
    else if (what < 0.62) this.#callLoaded()
    else if (what < 0.88) this.#killCarrier()
    else if (what < 0.93) this.#kills.push(this.#random.maybe(this.#running)?.kill('by chaos') ?? Promise.resolve())
    else if (what < 0.95) this.#killAll()
    else if (what < 0.97) this.#block()
    else this.#kills.push(Promise.resolve(this.#random.maybe(this.#programs)?.[Symbol.asyncDispose]()))
  }

  #tier(): TierId {
    return this.#random.pick(this.#tiers)
  }

  #start(): void {
    const tier = this.#tier()
    // What cannot be interrupted would keep the host's own thread, or all of its memory.
    const source = tier !== 'vm' && tier !== 'worker' && this.#random.chance(0.05) ? HUNGRY : this.#random.pick(GUESTS)
    const running = this.#broker.start(source, { ...this.#options(tier), input: 21, ...this.#signal() })
    this.#follow(running)
  }

  #options(tier: TierId): {
    readonly trust: 'trusted'
    readonly tier: TierId
    readonly limits: typeof LIMITS
    readonly functions: Readonly<Record<string, () => unknown>>
  } {
    const slow = (): Promise<number> => {
      // A moment in which the guest waits for its host is as good as any other.
      if (this.#random.chance(0.1)) this.#killCarrier()
      return new Promise((resolve) => setTimeout(resolve, this.#random.below(10), 1))
    }
    return { trust: 'trusted', tier, limits: LIMITS, functions: { slow } }
  }

  #signal(): { readonly signal?: AbortSignal } {
    if (!this.#random.chance(0.15)) return {}
    const aborter = new AbortController()
    setTimeout(() => aborter.abort(), this.#random.below(60))
    return { signal: aborter.signal }
  }

  #follow(running: Running): void {
    this.#running.push(running)
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

  async #load(): Promise<void> {
    try {
      this.#programs.push(await this.#broker.load(this.#random.pick([HONEST, ...GUESTS]), this.#options(this.#tier())))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) this.faults.push(`a load rejected with ${String(error)}`)
    }
  }

  #callLoaded(): void {
    const program = this.#random.maybe(this.#programs)
    if (program === undefined) return
    try {
      this.#follow(program.start(21, this.#signal()))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) this.faults.push(`a call threw ${String(error)}`)
    }
  }

  /** Kills one, or has it stand still for a while; mostly one that is at work. */
  #killCarrier(): void {
    const pids = pidsOf(this.#broker, this.#random.chance(0.7))
    const pid = this.#random.maybe(pids.length > 0 ? pids : pidsOf(this.#broker))
    if (pid === undefined) return
    if (!this.#random.chance(0.2)) {
      signal(pid, 'SIGKILL')
      return
    }
    signal(pid, 'SIGSTOP')
    setTimeout(() => signal(pid, 'SIGCONT'), this.#random.below(300))
  }

  #killAll(): void {
    this.#kills.push(this.#broker.kill(this.#random.pick([{ all: true }, { tier: this.#tier() }]), 'by chaos'))
  }

  #block(): void {
    const scope = { tier: this.#tier() }
    this.#kills.push(this.#broker.block(scope, 'by chaos').then(() => this.#broker.unblock(scope)))
  }

  async #settle(): Promise<void> {
    await this.#within(Promise.allSettled([...this.#loading, ...this.#kills]), 'kills and loads')
    await this.#within(
      Promise.all(this.#results),
      `${this.#results.length - this.endings.length} of ${this.#results.length} calls`,
    )
    if (this.endings.length !== this.#results.length) {
      this.faults.push(`${this.#results.length} calls started, ${this.endings.length} ended`)
    }
    const { running, queued, ended } = this.#broker.stats()
    const counted = Object.values(ended).reduce((sum, count) => sum + count, 0)
    if (running + queued > 0) this.faults.push(`${running} still running, ${queued} queued`)
    if (counted !== this.#results.length) this.faults.push(`the broker counted ${counted} of ${this.#results.length}`)
  }

  /** Once nothing dies any more, honest programs have to return in every tier, if need be after a pause. */
  async #heal(): Promise<void> {
    for (const tier of this.#tiers) {
      let last = ''
      const until = performance.now() + PATIENCE_MS
      while (last !== 'returned' && performance.now() < until) {
        const running = this.#broker.start(HONEST, { trust: 'trusted', tier, input: 21 })
        this.#follow(running)
        const { outcome } = await running.result
        last = outcome.kind
        if (outcome.kind === 'returned' && outcome.value !== 42) this.faults.push(`${tier} answered wrongly`)
        if (last !== 'returned') await new Promise((resolve) => setTimeout(resolve, 100))
      }
      if (last !== 'returned') this.faults.push(`${tier} did not heal: ${last}`)
    }
  }

  async #within(work: Promise<unknown>, what: string): Promise<void> {
    const patience = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => patience.resolve('late'), PATIENCE_MS)
    if ((await Promise.race([work, patience.promise])) === 'late') this.faults.push(`not over in time: ${what}`)
    clearTimeout(timer)
  }
}

/**
 * Runs one schedule through a broker of its own, whose children are killed and stopped at random moments, in one tier or in
 * two, or in the given one. The seed repeats what is done; when it meets what it meets is up to the machine.
 */
export async function endure(seed: number, tier?: TierId): Promise<ScheduleReport> {
  const random = new Random(seed)
  const drawn = [random.pick(WITH_CHILDREN), random.pick(TIERS)]
  const schedule = new RealSchedule(random, await createBroker(), tier === undefined ? [...new Set(drawn)] : [tier])
  await schedule.run(STEPS)
  return schedule
}
