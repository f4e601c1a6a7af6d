import ivm from 'isolated-vm'
import type { Part } from '../web/web-text.ts'
import type { Budget, Engine, Realm, RealmSpec, Turn } from './engine.ts'
import { PROGRAM_FILE } from './guest-text.ts'
import { partsOf } from './parts.ts'
import { copyOf } from './rejection-copy.ts'
import { SharedPoll } from './shared-poll.ts'
import { SpareIsolates } from './spare-isolates.ts'
import { equipIsolate, type Warm } from './warm-isolate.ts'
import { makePartCache } from './web-cache.ts'

/** A guest whose last turns were all this short, thread wake-ups included, is expected to be short again. */
const QUICK_MS = 2
const QUICK_TURNS = 4
/** Where the expectation was wrong, nobody else waits longer than this. */
const CUT_AFTER_MS = 10
/** How often a running guest's CPU time is looked at; `cpuTime` answers at once, unlike heap statistics. */
const CPU_POLL_MS = 5
const WEIGH_EVERY_MS = 2
const cpuPoll = new SharedPoll(CPU_POLL_MS)
const NANOSECONDS_PER_MS = 1e6

export interface IsolateEngineOptions {
  /** Isolates made ahead, so that a fresh run does not wait 1.2 ms for one. */
  readonly spares: number
  /**
   * Where guests run. `threaded`: on isolated-vm's threads, so that neighbours go on and `dispose` can be ordered; but a
   * guest that has been quick may run a first turn here, which is cut short before it can hold anybody up.
   * `blocking`: on the thread that serves, which saves two thread wake-ups a call; only where nobody else is served and
   * a kill is the process's death. `elsewhere`: never on the thread that serves, where nobody could end its process.
   */
  readonly turns: 'threaded' | 'blocking' | 'elsewhere'
}

/** The message that ends a call for what `take` was told of. */
const UNCAUGHT = 'U'

/** For each part that came, what gives it to an isolate. */
type Equipment = ReadonlyMap<Part, (warm: Warm) => void>

/** Makes realms that are V8 isolates with a heap and a limit of their own. */
export const isolateEngine = (options: IsolateEngineOptions): Engine => {
  const spares = new SpareIsolates(options.spares)
  const equipment = new Map<Part, (warm: Warm) => void>()
  return {
    equip: (text, part) => {
      // Who serves one guest alone would compile for nobody else.
      const cache = options.spares > 0 ? makePartCache(text, part) : undefined
      equipment.set(part, (warm) => equipIsolate(warm, text, part, cache))
    },
    open: async (spec) => {
      const realm = await openRealm(spares.take(spec.memoryBytes), spec, options.turns, equipment)
      spares.postpone()
      return realm
    },
    dispose: () => spares.dispose(),
  }
}

/** Longer scripts are compiled on another thread, so that compiling them holds no neighbour up. */
const LONG_SCRIPT = 64 * 1024

const tableOf = async ({ isolate, context }: Warm, text: string): Promise<ivm.Reference<unknown>> => {
  if (text.length < LONG_SCRIPT) {
    return isolate.compileScriptSync(text, { filename: PROGRAM_FILE }).runSync(context, { reference: true })
  }
  const script = await isolate.compileScript(text, { filename: PROGRAM_FILE })
  return script.run(context, { reference: true })
}

/** Loads the program; the table it evaluates to goes straight to the kernel and is seen by nobody else. */
const load = async (warm: Warm, spec: RealmSpec, equipment: Equipment): Promise<void> => {
  const { context, kernel } = warm
  warm.onLimit = spec.onLimit
  for (const part of partsOf(spec.config)) equipment.get(part)?.(warm)
  if (spec.syncCall !== undefined) {
    const hold = '$0.hold((name, args) => $1.applySyncPromise(undefined, [name, args]))'
    await context.evalClosure(hold, [kernel.derefInto(), new ivm.Reference(spec.syncCall)])
  }
  const table = await tableOf(warm, spec.script)
  warm.load.applySync(undefined, [table.derefInto(), JSON.stringify(spec.config)])
  table.release()
}

const openRealm = async (
  warm: Warm,
  spec: RealmSpec,
  turns: IsolateEngineOptions['turns'],
  equipment: Equipment,
): Promise<Realm> => {
  try {
    await load(warm, spec, equipment)
  } catch (error) {
    if (!warm.isolate.isDisposed) warm.isolate.dispose()
    throw error
  }
  // A guest that waits for a host function must not wait on the thread that would answer it, not in a quick turn either.
  return new IsolateRealm(warm, spec.syncCall === undefined ? turns : 'elsewhere')
}

class IsolateRealm implements Realm {
  readonly #warm: Warm
  readonly #turns: IsolateEngineOptions['turns']
  #cpuMs = 0
  #memoryBytes: number | undefined
  #quickTurns = 0
  #weighedAt = Number.NEGATIVE_INFINITY
  #turn: Promise<unknown> = Promise.resolve()

  constructor(warm: Warm, turns: IsolateEngineOptions['turns']) {
    this.#warm = warm
    this.#turns = turns
  }

  enter(text: string, budget: Budget): Turn | Promise<Turn> {
    if (this.#turns === 'blocking') return this.#runHere(text, Math.ceil(budget.wallMs))
    const since = performance.now()
    const quick = this.#turns === 'threaded' && this.#quickTurns >= QUICK_TURNS
    if (budget.mayCut && quick && Math.min(budget.wallMs, budget.cpuMs) > CUT_AFTER_MS) {
      const turn = this.#runHere(text, CUT_AFTER_MS)
      this.#countQuick(since)
      return turn.kind === 'exceeded' && turn.limit === 'wallMs' ? { kind: 'cut', batch: '' } : turn
    }
    const running = this.#run(text, budget)
    this.#turn = running
    void running.then(() => this.#countQuick(since))
    return Promise.race([running, this.#watch(running, budget)])
  }

  cpuMs(): number {
    const { isolate } = this.#warm
    if (!isolate.isDisposed) this.#cpuMs = Number(isolate.cpuTime) / NANOSECONDS_PER_MS
    return this.#cpuMs
  }

  memoryBytes(): number | undefined {
    return this.#memoryBytes
  }

  /** Resolves when no thread runs the guest any more, which for some built-ins is never: the caller keeps patience. */
  async dispose(): Promise<void> {
    this.cpuMs()
    if (!this.#warm.isolate.isDisposed) this.#warm.isolate.dispose()
    await this.#turn
  }

  async #run(text: string, budget: Budget): Promise<Turn> {
    const since = performance.now()
    try {
      return this.#done(await this.#warm.enter.apply(undefined, [text], { timeout: Math.ceil(budget.wallMs) }))
    } catch (error) {
      const turn = this.#explain(error, text)
      if (turn !== undefined) return turn
      return this.#run(UNCAUGHT, { ...budget, wallMs: Math.max(1, budget.wallMs - (performance.now() - since)) })
    }
  }

  #countQuick(since: number): void {
    this.#quickTurns = performance.now() - since < QUICK_MS ? this.#quickTurns + 1 : 0
  }

  #runHere(text: string, wallMs: number): Turn {
    const since = performance.now()
    try {
      return this.#done(this.#warm.enter.applySync(undefined, [text], { timeout: wallMs }))
    } catch (error) {
      const turn = this.#explain(error, text)
      return turn ?? this.#runHere(UNCAUGHT, Math.max(1, Math.ceil(wallMs - (performance.now() - since))))
    }
  }

  #done(batch: string): Turn {
    const whole = batch === '' ? this.#take() : batch
    this.#weigh()
    return { kind: 'done', batch: whole }
  }

  /** Settles first when the guest's CPU time runs out, or when V8 gave its isolate up for lost. */
  #watch(running: Promise<Turn>, budget: Budget): Promise<Turn> {
    const before = this.cpuMs()
    return new Promise((resolve) => {
      const over = (limit: 'cpuMs' | 'memoryBytes'): void => {
        leave()
        resolve({ kind: 'exceeded', limit, batch: '' })
      }
      const leave = cpuPoll.add(() => {
        if (this.cpuMs() - before <= budget.cpuMs) return
        if (!this.#warm.isolate.isDisposed) this.#warm.isolate.dispose()
        over('cpuMs')
      })
      this.#warm.onCatastrophe = () => over('memoryBytes')
      void running.then(leave)
    })
  }

  /**
   * Why a turn rejected: a limit, or a rejection the guest left unhandled, which V8 hands to us. Undefined says that the
   * kernel is to be entered for it once more, since what is told of an error is read by running the guest.
   */
  #explain(error: unknown, text: string): Turn | undefined {
    const message = error instanceof Error ? error.message : String(error)
    const timedOut = message === 'Script execution timed out.'
    try {
      if (timedOut) return { kind: 'exceeded', limit: 'wallMs', batch: this.#take() }
      if (!this.#isLost(message)) {
        const batch = text === UNCAUGHT ? this.#take() : this.#warm.take.applySync(undefined, copyOf(error))
        return batch === '' ? undefined : { kind: 'done', batch }
      }
    } catch {
      // Even this can meet the memory limit, in a heap that was near it.
    }
    if (timedOut) return { kind: 'exceeded', limit: 'wallMs', batch: '' }
    if (!this.#isLost(message)) return { kind: 'broken', batch: '' }
    this.#memoryBytes = this.#warm.memoryBytes
    return { kind: 'exceeded', limit: 'memoryBytes', batch: '' }
  }

  /** Whether V8 gave its isolate up at the memory limit. Where we did, somebody else has said why before. */
  #isLost(message: string): boolean {
    return message.includes('memory limit') || this.#warm.isolate.isDisposed
  }

  /** Fetches what the kernel holds back. This runs no guest code, and the isolate is idle, so it cannot wait. Throws at a limit. */
  #take(): string {
    return this.#warm.take.applySync(undefined, [''])
  }

  /** Asking costs as much as a short turn, so short turns are weighed together. */
  #weigh(): void {
    const now = performance.now()
    if (now - this.#weighedAt < WEIGH_EVERY_MS || this.#warm.isolate.isDisposed) return
    this.#weighedAt = now
    const heap = this.#warm.isolate.getHeapStatisticsSync()
    this.#memoryBytes = heap.used_heap_size + heap.externally_allocated_size
  }
}
