import { mock } from 'node:test'
import type { Ending, Guest, HostFunctions, Sandbox, SandboxCall } from '../../src/core/sandbox.ts'
import { framePort } from '../../src/tiers/frames.ts'
import type { Order } from '../../src/tiers/protocol.ts'
import { Relay } from '../../src/tiers/relay.ts'
import { guestOf } from '../tiers/far-side.ts'
import { ManglingFarSide } from './mangling-far-side.ts'
import { Random } from './random.ts'

/** What came of one schedule. */
export interface ScheduleReport {
  /** How each call ended. */
  readonly endings: readonly string[]
  /** Sentences about what went wrong; none when everything held. */
  readonly faults: readonly string[]
}

const KINDS = ['returned', 'threw', 'exceeded', 'crashed', 'cut', 'displaced']
/** As long as the longest patience of the near side, for opening a sandbox; the clock is a false one. */
const ALL_PATIENCE_MS = 11_000

const jobsDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** One relay with a far side that may say anything, and a caller who may do anything. */
class Schedule {
  readonly #random: Random
  readonly #calm: boolean
  readonly #far: ManglingFarSide
  readonly #relay: Relay
  readonly #exclusive: boolean
  readonly #opening = new Map<Promise<void>, AbortController>()
  readonly #sandboxes: Sandbox[] = []
  readonly #made: (readonly [Sandbox, SandboxCall])[] = []
  readonly #kills: Promise<void>[] = []
  readonly endings: string[] = []
  readonly faults: string[] = []
  #calls = 0
  #unsettled = 0
  #unopened = 0
  #ends = 0
  #told = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#calm = this.#random.chance(0.1)
    this.#exclusive = this.#random.chance(0.5)
    this.#far = new ManglingFarSide(this.#random, this.#calm ? 0 : this.#random.pick([0.02, 0.1, 0.4]))
    const { stream } = this.#far
    const end = (): Promise<void> => {
      this.#ends += 1
      stream.destroy()
      return jobsDone()
    }
    const release = (): void => {
      if (this.#exclusive) stream.destroy()
    }
    const ahead = this.#random.chance(0.7) ? { ahead: 32 } : {}
    this.#relay = new Relay(framePort<Order>(stream), { exclusive: this.#exclusive, ...ahead, end, release }, () => {
      this.#told += 1
      stream.destroy()
    })
  }

  async run(): Promise<void> {
    this.#relay.ready.catch(() => {})
    if (this.#calm || this.#random.chance(0.95)) this.#far.greet()
    for (let steps = 5 + this.#random.below(30); steps > 0; steps -= 1) {
      this.#act()
      if (this.#random.chance(0.7)) await jobsDone()
    }
    await this.#finish()
  }

  #act(): void {
    const what = this.#random.next()
    if (what < 0.2) this.#open()
    else if (what < 0.55) for (let calls = this.#random.pick([1, 1, 1, 20]); calls > 0; calls -= 1) this.#call()
    else if (what < 0.6) this.#withdraw()
    else if (what < 0.8) this.#far.stir()
    else if (what < 0.85) mock.timers.tick(this.#random.pick([1, 100, 250, 10_500]))
    else if (this.#calm) return
    else if (what < 0.9) this.#random.maybe([...this.#opening.values()])?.abort()
    else if (what < 0.96) this.#endOne()
    else if (what < 0.97) this.#relay.exceed(this.#random.pick(['wallMs', 'cpuMs', 'memoryBytes']))
    else if (what < 0.98) this.#far.stream.destroy()
    else if (what < 0.985) this.#far.stream.destroy(new Error('write EPIPE'))
    else if (what < 0.99) this.#relay.fail('its process was ended by SIGKILL')
  }

  #open(): void {
    const aborter = new AbortController()
    this.#unopened += 1
    const opening = this.#relay
      .open(this.#guest(), aborter.signal)
      .then(
        (sandbox) => void this.#sandboxes.push(sandbox),
        (error: unknown) =>
          this.#expect(error instanceof Error && 'code' in error, `an opening ended as ${String(error)}`),
      )
      .then(() => {
        this.#unopened -= 1
        this.#opening.delete(opening)
      })
    this.#opening.set(opening, aborter)
  }

  #guest(): Guest {
    const functions: HostFunctions = new Map([
      ['host/sync', { sync: true, invoke: () => 'J[1]' }],
      [
        'host/async',
        {
          sync: false,
          invoke: () => (this.#random.chance(0.3) ? new Promise<string>(() => {}) : jobsDone().then(() => 'J[1]')),
        },
      ],
    ])
    return guestOf(functions)
  }

  #call(): void {
    const free = this.#sandboxes.filter(({ reusable }) => reusable)
    // Also a sandbox that is busy, spent or gone has to answer, at once.
    const sandbox = this.#random.maybe(free.length > 0 && this.#random.chance(0.9) ? free : this.#sandboxes)
    if (sandbox === undefined) return
    this.#calls += 1
    this.#unsettled += 1
    const input = `J[${this.#calls}]`
    let over = false
    const onLog = (): void => this.#expect(!over, 'a line was logged by a call that had ended')
    const limits = { wallMs: 1000, cpuMs: 1000 }
    const settle = (ending: Ending): void => {
      over = true
      this.#unsettled -= 1
      this.endings.push(ending.kind)
      this.#expect(KINDS.includes(ending.kind), `a call ended as ${JSON.stringify(ending)}`)
      const lied = this.#calm && ending.kind === 'returned' && ending.text !== input
      this.#expect(!lied, `${input} was answered by ${JSON.stringify(ending)}`)
      if (this.#random.chance(0.05)) this.#kills.push(sandbox.kill())
    }
    const crash = (error: unknown): void => this.#expect(false, `a call rejected: ${String(error)}`)
    const call = { exportName: 'default', input, limits, mayMove: this.#random.chance(0.5), onLog }
    this.#made.push([sandbox, call])
    sandbox.run(call).then(settle, crash)
  }

  /** Takes back a call, whatever became of it, or all that wait. */
  #withdraw(): void {
    const made = this.#random.maybe(this.#made)
    if (made !== undefined) made[0].withdraw?.(this.#random.chance(0.7) ? made[1] : undefined)
  }

  #endOne(): void {
    const sandbox = this.#random.maybe(this.#sandboxes)
    if (sandbox === undefined) return
    this.#kills.push(this.#random.chance(0.5) ? sandbox.kill() : Promise.resolve(sandbox[Symbol.asyncDispose]()))
    if (this.#random.chance(0.3)) this.#kills.push(sandbox.kill())
  }

  /** Does what a broker does at the end: everybody is killed, and all patience runs out. */
  async #finish(): Promise<void> {
    await jobsDone()
    for (const aborter of this.#opening.values()) aborter.abort()
    const kills = { done: false }
    const all = Promise.all([...this.#sandboxes.map((sandbox) => sandbox.kill()), ...this.#kills]).then(() => {
      kills.done = true
    })
    for (let turn = 0; turn < 40 && !(kills.done && this.#unopened === 0); turn += 1) {
      await jobsDone()
      mock.timers.tick(ALL_PATIENCE_MS)
    }
    await jobsDone()
    this.#expect(kills.done, 'a kill never resolved')
    this.#expect(this.#unopened === 0, `${this.#unopened} openings never settled`)
    this.#expect(this.#unsettled === 0, `${this.#unsettled} of ${this.#calls} calls never settled`)
    this.#expect(this.endings.length === this.#calls, `${this.endings.length} endings of ${this.#calls} calls`)
    this.#expect(this.#relay.size === 0 && this.#relay.busy === 0, `${this.#relay.size} sandboxes are left`)
    const ended = this.#relay.cause !== undefined && this.#far.stream.destroyed
    this.#expect(ended || !this.#far.violated, 'a violation did not end the carrier')
    this.#expect(
      this.#told === (this.#relay.cause === undefined ? 0 : 1),
      `the carrier's end was told ${this.#told} times`,
    )
    if (kills.done) await all
    this.#far.stream.destroy()
    await jobsDone()
    this.#expect(this.#ends < 1000, `the carrier was ended ${this.#ends} times`)
  }

  #expect(held: boolean, fault: string): void {
    if (!held) this.faults.push(fault)
  }
}

/** Runs one schedule against a simulated far side, on a false clock. The same seed runs the same schedule. */
export async function simulate(seed: number): Promise<ScheduleReport> {
  mock.timers.enable({ apis: ['setTimeout'] })
  const stray: string[] = []
  const onStray = (error: unknown): void => void stray.push(`uncaught: ${String(error)}`)
  process.on('uncaughtException', onStray)
  process.on('unhandledRejection', onStray)
  try {
    const schedule = new Schedule(seed)
    await schedule.run()
    return { endings: schedule.endings, faults: [...schedule.faults, ...stray] }
  } finally {
    process.off('uncaughtException', onStray)
    process.off('unhandledRejection', onStray)
    mock.timers.reset()
  }
}
