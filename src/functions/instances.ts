import type { Broker, LoadedProgram, Running, RunningStream } from '../broker/broker.ts'
import type { RunOptions } from '../broker/options.ts'
import type { PolicyDecision } from '../core/types.ts'
import { programOf } from './function-program.ts'
import type { Chosen } from './registry.ts'
import type { FunctionRecord } from './words.ts'

/** The adapter's exports that answer a call. */
const WHOLE = 'answer'
const IN_PIECES = 'respond'

interface CallOptions {
  readonly export: string
  readonly signal?: AbortSignal
}

const optionsFor = (entry: string, signal: AbortSignal | undefined): CallOptions => ({
  export: entry,
  ...(signal !== undefined && { signal }),
})

/** A version kept loaded. Once retired it takes no new calls, and goes when its last one has ended. */
interface Kept {
  readonly function: string
  readonly program: Promise<LoadedProgram>
  state: 'serving' | 'retired' | 'killed'
  /** Those that run, and those that wait for the program. */
  calls: number
}

/** Keeps the sandboxes of functions: fresh ones for each call, or warm ones for each version. */
export class Instances implements AsyncDisposable {
  readonly #broker: Broker
  readonly #kept = new Map<string, Kept>()
  readonly #running = new Map<string, Set<Running>>()
  #isClosed = false

  constructor(broker: Broker) {
    this.#broker = broker
  }

  /**
   * Starts a call that is answered with data. Answers undefined when the function was killed, or the host closed, before the
   * call had begun. Rejects when no warm sandbox can be opened, as `Broker.load` does.
   */
  start(chosen: Chosen, call: unknown, signal: AbortSignal | undefined): Promise<Running | undefined> {
    return this.#begin(
      chosen,
      optionsFor(WHOLE, signal),
      (source, options) => this.#broker.start(source, { ...options, input: call }),
      (program, options) => program.start(call, options),
    )
  }

  /** Starts a call that is answered in pieces; otherwise as `start`. */
  stream(chosen: Chosen, call: unknown, signal: AbortSignal | undefined): Promise<RunningStream | undefined> {
    return this.#begin(
      chosen,
      optionsFor(IN_PIECES, signal),
      (source, options) => this.#broker.stream(source, { ...options, input: call }),
      (program, options) => program.stream(call, options),
    )
  }

  /** Calls the adapter's check in a fresh sandbox: whether the text loads, and has a handler. */
  check({ record, version }: Chosen, call: unknown): Running {
    const { source, options } = programOf(version, record.tenant)
    return this.#broker.start(source, { ...options, export: 'check', input: call })
  }

  /** What policy says of a function, which is not run. */
  explain({ record, version }: Chosen): PolicyDecision {
    const { source, options } = programOf(version, record.tenant)
    return this.#broker.explain(source, options)
  }

  /** Gives up warm sandboxes of a function that no alias points to any more; calls that run end first. */
  retire(name: string, isWanted: (key: string) => boolean): void {
    for (const [key, kept] of this.#kept) {
      if (kept.function !== name || isWanted(key)) continue
      this.#kept.delete(key)
      kept.state = 'retired'
      dropIdle(kept)
    }
  }

  /** Ends what runs of a function, and its warm sandboxes. Resolves once nothing of it runs, with how many calls were ended. */
  async kill(name: string, reason: string): Promise<number> {
    const running = [...(this.#running.get(name) ?? [])]
    for (const [key, kept] of this.#kept) {
      if (kept.function !== name) continue
      this.#kept.delete(key)
      kept.state = 'killed'
      dropIdle(kept)
    }
    await Promise.all(running.map((one) => one.kill(reason)))
    return running.length
  }

  /** Ends what runs, also where the broker is somebody else's and goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    const running = [...this.#running.values()].flatMap((all) => [...all])
    await Promise.all(running.map((one) => one.kill('the function host was closed')))
    const kept = [...this.#kept.values()]
    this.#kept.clear()
    await Promise.all(kept.map(dispose))
  }

  async #begin<Began extends Running>(
    chosen: Chosen,
    options: CallOptions,
    fresh: (source: string, options: RunOptions) => Began,
    warm: (program: LoadedProgram, options: CallOptions) => Began,
  ): Promise<Began | undefined> {
    if (this.#isClosed) return undefined
    const { record, version } = chosen
    if (version.settings.instances.mode === 'per-request') {
      const program = programOf(version, record.tenant)
      return this.#follow(record.name, fresh(program.source, { ...program.options, ...options }))
    }
    const kept = this.#keep(chosen)
    kept.calls += 1
    const leave = (): void => {
      kept.calls -= 1
      dropIdle(kept)
    }
    try {
      const program = await kept.program
      if (kept.state !== 'killed') {
        const running = this.#follow(record.name, warm(program, options))
        void running.result.then(leave)
        return running
      }
    } catch (error) {
      leave()
      throw error
    }
    leave()
    return undefined
  }

  #follow<Began extends Running>(name: string, running: Began): Began {
    const all = this.#running.get(name) ?? new Set()
    this.#running.set(name, all.add(running))
    void running.result.then(() => {
      all.delete(running)
      if (all.size === 0 && this.#running.get(name) === all) this.#running.delete(name)
    })
    return running
  }

  #keep({ record, version }: Chosen): Kept {
    const key = keyOf(record, version.number)
    const before = this.#kept.get(key)
    if (before !== undefined) return before
    const { source, options } = programOf(version, record.tenant)
    const { min, max, calls, idleMs } = version.settings.instances
    const program = this.#broker.load(source, { ...options, pool: { min, max, idleMs, recycleCalls: calls } })
    const kept: Kept = { function: record.name, program, state: 'serving', calls: 0 }
    this.#kept.set(key, kept)
    // Who waits for it is told; the next call tries anew.
    program.catch(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
    })
    return kept
  }
}

/** A version with other secrets is another one, as its sandboxes know them. */
export const keyOf = ({ name, secrets }: FunctionRecord, version: number): string =>
  JSON.stringify([name, version, Object.entries(secrets)])

function dropIdle(kept: Kept): void {
  if (kept.state !== 'serving' && kept.calls === 0) void dispose(kept)
}

async function dispose({ program }: Kept): Promise<void> {
  try {
    await (await program)[Symbol.asyncDispose]()
  } catch {
    // It was never loaded, and whoever called it was told why.
  }
}
