import { encode } from '../../src/core/codec.ts'
import type { IsolationReport } from '../../src/core/isolation.ts'
import type { CarrierStats, Ending, Guest, Sandbox, SandboxCall, SandboxUsage, Tier } from '../../src/core/sandbox.ts'
import type { Data, TierId, Traits } from '../../src/core/types.ts'

/** What a fake guest does when it is called. */
export type Script = (call: SandboxCall, sandbox: FakeSandbox) => Ending | Promise<Ending>

/** How a fake tier behaves. Everything left out goes well and at once. */
export interface FakeBehaviour {
  readonly id?: TierId
  readonly traits?: Partial<Traits>
  readonly script?: Script
  /** Awaited by the opening of the nth sandbox, counted from one; throws to fail it. */
  readonly opening?: (nth: number, signal: AbortSignal) => unknown
  /** What the operating system is seen to add; everything when not given. */
  readonly isolation?: IsolationReport
  /** Awaited by a kill. */
  readonly killing?: () => unknown
  /** Awaited by the disposal of a sandbox. */
  readonly disposing?: () => unknown
}

const BOUNDARIES: Readonly<Record<TierId, Traits['boundary']>> = {
  vm: 'realm',
  worker: 'thread',
  isolate: 'isolate',
  process: 'process',
}

/** An ending with this value. */
export function returned(value: Data): Ending {
  return { kind: 'returned', text: encode(value) }
}

/** The guest that answers with its input. */
export const echo: Script = ({ input }) => ({ kind: 'returned', text: input })

/** The guest that never ends by itself. */
export const hang: Script = () => new Promise(() => {})

/** A sandbox that runs a function of the test in place of a guest, and remembers what was done to it. */
export class FakeSandbox implements Sandbox {
  readonly guest: Guest
  readonly nth: number
  calls = 0
  kills = 0
  disposals = 0
  reusable = true
  measured: SandboxUsage = {}
  readonly #behaviour: FakeBehaviour
  #settle: ((ending: Ending) => void) | undefined

  constructor(guest: Guest, nth: number, behaviour: FakeBehaviour) {
    this.guest = guest
    this.nth = nth
    this.#behaviour = behaviour
  }

  run(call: SandboxCall): Promise<Ending> {
    this.calls += 1
    const { promise, resolve, reject } = Promise.withResolvers<Ending>()
    this.#settle = (ending) => {
      if (ending.kind !== 'returned' && ending.kind !== 'threw') this.reusable = false
      resolve(ending)
    }
    const { script = echo } = this.#behaviour
    try {
      const ending = script(call, this)
      if (ending instanceof Promise) ending.then(this.#settle, reject)
      else this.#settle(ending)
    } catch (error) {
      reject(error)
    }
    return promise
  }

  usage(): SandboxUsage {
    return this.measured
  }

  async kill(): Promise<void> {
    this.kills += 1
    this.reusable = false
    this.#settle?.({ kind: 'crashed', detail: 'killed', started: true })
    await this.#behaviour.killing?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1
    this.reusable = false
    await this.#behaviour.disposing?.()
  }
}

/** A tier whose sandboxes are fakes. */
export class FakeTier implements Tier {
  readonly id: TierId
  readonly traits: Traits
  readonly sandboxes: FakeSandbox[] = []
  openings = 0
  disposals = 0
  readonly #behaviour: FakeBehaviour

  constructor(behaviour: FakeBehaviour = {}) {
    this.#behaviour = behaviour
    this.id = behaviour.id ?? 'isolate'
    this.traits = {
      boundary: BOUNDARIES[this.id],
      memory: 'enforced',
      cpu: 'metered',
      preemptible: true,
      stopsBuiltins: true,
      syncFunctions: true,
      ...behaviour.traits,
    }
  }

  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    this.openings += 1
    const nth = this.openings
    await this.#behaviour.opening?.(nth, signal)
    const sandbox = new FakeSandbox(guest, nth, this.#behaviour)
    this.sandboxes.push(sandbox)
    return sandbox
  }

  /** The sandbox opened nth, counted from one. */
  sandbox(nth: number): FakeSandbox {
    const sandbox = this.sandboxes[nth - 1]
    if (sandbox === undefined) throw new RangeError(`Cannot find sandbox: only ${this.sandboxes.length} were opened`)
    return sandbox
  }

  isolation(): Promise<IsolationReport> {
    return Promise.resolve(this.#behaviour.isolation ?? { level: 'strong', layers: ['fake'], missing: [] })
  }

  carriers(): readonly CarrierStats[] {
    return [{ pid: 1, sandboxes: this.sandboxes.length }]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1
    await Promise.resolve()
  }
}
