import { setTimeout as delay } from 'node:timers/promises'
import { type Broker, createBroker, type LoadedProgram, type Running, type TierId } from '../../src/index.ts'
import { onBirth } from '../../src/tiers/births.ts'
import { childrenOf } from '../leaks/held.ts'
import { Random } from './random.ts'
import { CallRecord, HONEST, pidsOf } from './record.ts'
import type { ScheduleReport } from './simulated.ts'

const TIERS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']
/** Tiers with something to kill from outside. */
const WITH_CHILDREN: readonly TierId[] = ['isolate', 'process']
const STEPS = 15
/** Brokers that are closed in the midst of it all. */
const CLOSED_EARLY = 0.15
const LIMITS = { wallMs: 150, cpuMs: 100, memoryBytes: 32 * 2 ** 20, hostCalls: 50 }

/** Short and bounded: those that cannot be stopped inside a process are no part of this. */
const GUESTS: readonly string[] = [
  HONEST,
  'export default () => { for (;;); }',
  'export default () => new Promise(() => {})',
  "import { slow } from 'host'; export default async (x) => { for (let i = 0; i < 5; i += 1) await slow(x); return x }",
  "import { slow } from 'host'; export default (x) => Promise.all([slow(x), slow(x), slow(x)])",
  'export default () => { throw new TypeError("no") }',
  'export default async () => { for (let i = 0; i < 50; i += 1) { console.log("line"); await new Promise((r) => setTimeout(r, 1)) } }',
  // Long enough for the compiler's process.
  `export default (x) => x * 2 // ${'-'.repeat(300)}`,
]
const HUNGRY = 'export default () => { const all = []; for (;;) all.push(new Array(1e5).fill(1.5)) }'

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // ESRCH: it died first.
  }
}

/** One caller of a broker, who starts, kills, blocks and disposes of things, and kills and stops its children. */
class RealSchedule {
  readonly #random: Random
  readonly #record: CallRecord
  readonly #broker: Broker
  readonly #tiers: readonly TierId[]
  readonly #programs: LoadedProgram[] = []
  readonly #running: Running[] = []
  /** Loads and kills under way. */
  readonly others: Promise<unknown>[] = []

  constructor(random: Random, record: CallRecord, tiers: readonly TierId[]) {
    this.#random = random
    this.#record = record
    this.#broker = record.broker
    this.#tiers = tiers
  }

  async run(isOver: () => boolean): Promise<void> {
    const stopListening = onBirth(({ group }) => this.#welcome(group))
    this.others.push(this.#load())
    for (let step = 0; step < STEPS && !isOver(); step += 1) {
      this.#act()
      this.#record.look()
      if (this.#random.chance(0.6)) await delay(this.#random.below(25))
    }
    stopListening()
  }

  #act(): void {
    const what = this.#random.next()
    if (what < 0.28) this.#start()
    else if (what < 0.34) this.others.push(this.#load())
    else if (what < 0.7) for (let calls = 1 + this.#random.below(4); calls > 0; calls -= 1) this.#callLoaded()
    else if (what < 0.84) this.#killCarrier()
    else if (what < 0.91) this.others.push(this.#random.maybe(this.#running)?.kill('by chaos') ?? Promise.resolve())
    else if (what < 0.914) this.#killAll()
    else if (what < 0.918) this.#block()
    else this.others.push(Promise.resolve(this.#random.maybe(this.#programs)?.[Symbol.asyncDispose]()))
  }

  #tier(): TierId {
    return this.#random.pick(this.#tiers)
  }

  #start(): void {
    const tier = this.#tier()
    // What cannot be interrupted would keep the host's own thread, or all of its memory.
    const source = tier !== 'vm' && tier !== 'worker' && this.#random.chance(0.05) ? HUNGRY : this.#random.pick(GUESTS)
    this.#begin(() => this.#broker.start(source, { ...this.#options(tier), input: 21, ...this.#signal() }))
  }

  #options(tier: TierId): {
    readonly trust: 'trusted' | 'untrusted'
    readonly tier: TierId
    readonly limits: typeof LIMITS
    readonly functions: Readonly<{ slow: () => unknown }>
  } {
    const slow = (): Promise<number> => {
      // A moment in which the guest waits for its host is as good as any other.
      if (this.#random.chance(0.05)) this.#killCarrier()
      return delay(this.#random.below(10), 1)
    }
    const trust = WITH_CHILDREN.includes(tier) && this.#random.chance(0.3) ? 'untrusted' : 'trusted'
    return { trust, tier, limits: LIMITS, functions: { slow } }
  }

  #signal(): { readonly signal?: AbortSignal } {
    if (!this.#random.chance(0.15)) return {}
    const aborter = new AbortController()
    setTimeout(() => aborter.abort(), this.#random.below(60))
    return { signal: aborter.signal }
  }

  /** What was disposed of or closed meanwhile throws, with a code. */
  #begin(start: () => Running): void {
    try {
      const running = start()
      this.#running.push(running)
      this.#record.follow(running)
    } catch (error) {
      if (!hasCode(error)) this.#record.faults.push(`a call threw ${String(error)}`)
    }
  }

  async #load(): Promise<void> {
    try {
      this.#programs.push(await this.#broker.load(this.#random.pick([HONEST, ...GUESTS]), this.#options(this.#tier())))
    } catch (error) {
      if (!hasCode(error)) this.#record.faults.push(`a load rejected with ${String(error)}`)
    }
  }

  #callLoaded(): void {
    const program = this.#random.maybe(this.#programs)
    if (program !== undefined) this.#begin(() => program.start(21, this.#signal()))
  }

  /** Kills one, or has it stand still for a while; mostly one that is at work. */
  #killCarrier(): void {
    const pids = pidsOf(this.#broker, this.#random.chance(0.7))
    const pid = this.#random.maybe(pids.length > 0 ? pids : pidsOf(this.#broker))
    if (pid !== undefined) this.#strike(pid)
  }

  /** A child that has only just begun may die or stand still before it is ready. */
  #welcome(group: number): void {
    if (!this.#random.chance(0.03)) return
    setTimeout(() => {
      if (childrenOf(process.pid).includes(group)) this.#strike(group)
    }, this.#random.below(150))
  }

  #strike(pid: number): void {
    if (!this.#random.chance(0.2)) {
      signal(pid, 'SIGKILL')
      return
    }
    signal(pid, 'SIGSTOP')
    setTimeout(() => signal(pid, 'SIGCONT'), this.#random.below(300))
  }

  #killAll(): void {
    this.others.push(this.#broker.kill(this.#random.pick([{ all: true }, { tier: this.#tier() }]), 'by chaos'))
  }

  #block(): void {
    const scope = { tier: this.#tier() }
    this.others.push(this.#broker.block(scope, 'by chaos').then(() => this.#broker.unblock(scope)))
  }
}

const hasCode = (error: unknown): boolean => error instanceof Error && 'code' in error

/**
 * Runs as many schedules at once through one broker, whose children are killed and stopped at random moments, each in one
 * tier or in two, or in the given one. Seeds repeat what is done; when it meets what it meets is up to the machine.
 */
export async function endure(seed: number, schedules = 1, tier?: TierId): Promise<ScheduleReport> {
  const shared = new Random(seed)
  const record = new CallRecord(await createBroker())
  const tiers = new Set<TierId>()
  const all = Array.from({ length: schedules }, (_, nth) => {
    const random = new Random(seed + nth)
    const drawn = tier === undefined ? [random.pick(WITH_CHILDREN), random.pick(TIERS)] : [tier]
    for (const one of drawn) tiers.add(one)
    return new RealSchedule(random, record, [...new Set(drawn)])
  })
  const closesEarly = shared.chance(CLOSED_EARLY)
  let isOver = false
  const running = Promise.all(all.map((schedule) => schedule.run(() => isOver)))
  if (closesEarly) {
    await delay(shared.below(500))
    isOver = true
  }
  await running
  const others = (): readonly Promise<unknown>[] => all.flatMap((schedule) => schedule.others)
  if (!closesEarly) {
    await record.settle(others())
    for (const one of tiers) await record.heal(one)
  }
  await record.close()
  await record.settle(others())
  return record
}
