import type { Budget, Engine, Realm, Turn } from './engine.ts'
import type { Port } from './port.ts'
import type { Order, Report, Sample } from './protocol.ts'
import { type Batch, endsWell, readBatch } from './records.ts'
import { withSeeds } from './seeds.ts'

type OpenOrder = Extract<Order, { t: 'open' }>
type CallOrder = Extract<Order, { t: 'call' }>

/** How long a guest's thread may take to let go, once it is over its deadline or disposed of; one stuck in a built-in never does. */
const LET_GO_MS = 2
/** After this long with one call after the other, orders are listened to before the next. */
const DEAF_MS = 4

interface CallState {
  readonly mayCut: boolean
  readonly endsAt: number
  readonly cpuMs: number
  /** What the realm had used before this call. */
  readonly cpuBefore: number
}

/** Carries a synchronous host call to the near side and answers `0` or `1` and the encoded text. */
export type SyncCall = (s: number, name: string, args: string) => string | Promise<string>

/**
 * The far side of one sandbox: turns orders into turns of its realm, one at a time, and reports what each left.
 * Enters the guest only while a call is under way: nothing of a guest runs between calls.
 */
export class FarSandbox {
  readonly #s: number
  readonly #port: Port<Report>
  #realm: Realm | undefined
  #call: CallState | undefined
  #turns: string[] = []
  #turning = false
  readonly #waiting = new Map<number, { readonly order: CallOrder; readonly input: string }>()
  /** Whether the next call is chosen, so that it cannot be dropped any more, and waits for its turn. */
  #chosen = false
  /** When orders were last listened to. */
  #heardAt = 0
  #wake: NodeJS.Timeout | undefined
  #closed = false
  #answer: ((text: string) => void) | undefined

  constructor(s: number, port: Port<Report>) {
    this.#s = s
    this.#port = port
  }

  /** Makes the realm and loads the program; reports `opened` or `failed`. */
  async open(order: OpenOrder, script: string, engine: Engine, carrySync: SyncCall | undefined): Promise<void> {
    const hasSync = order.config.functions.some(([, sync]) => sync)
    const ask = carrySync ?? this.#askNear
    const syncCall = hasSync ? (name: string, args: string) => ask(this.#s, name, args) : undefined
    try {
      const spec = {
        script,
        config: withSeeds(order.config),
        memoryBytes: order.memoryBytes,
        partition: order.partition,
        syncCall,
        onUncaught: () => this.enter('U'),
        onLimit: this.#onLimit,
      }
      const realm = await engine.open(spec)
      if (this.#closed) {
        void realm.dispose()
        return
      }
      this.#realm = realm
      this.#port.post({ t: 'opened', s: this.#s })
    } catch (error) {
      this.#port.post({ t: 'failed', s: this.#s }, error instanceof Error ? error.message : String(error))
    }
  }

  /** Starts a call, or lets it wait behind the one under way. */
  call(order: CallOrder, input: string): void {
    if (this.#call !== undefined || this.#chosen) this.#waiting.set(order.c, { order, input })
    else {
      this.#heardAt = performance.now()
      this.#start(order, input)
    }
  }

  /** Gives a call back that has not started; reports nothing of one that has. */
  drop(c: number): void {
    if (this.#waiting.delete(c)) this.#port.post({ t: 'dropped', s: this.#s, c })
  }

  /** Hands the guest one message, after the turns that wait already. Dropped when no call is under way. */
  enter(text: string): void {
    this.#turns.push(text)
    if (!this.#turning) void this.#takeTurns()
  }

  /** Answers the synchronous host call that the guest is blocked in. */
  answer(ok: boolean, text: string): void {
    this.#answer?.(`${ok ? 1 : 0}${text}`)
    this.#answer = undefined
  }

  /** Ends the realm; reports `closed` once nothing of it runs, or `stuck` when that takes too long. */
  async close(): Promise<void> {
    this.#closed = true
    this.#waiting.clear()
    this.#stopCall()
    await this.#letGo(0, this.#realm?.dispose())
    this.#port.post({ t: 'closed', s: this.#s })
  }

  /** What is measured now; read while the guest runs only where that does not wait for it. */
  sample(): Sample | undefined {
    return this.#call === undefined ? undefined : this.#measure()
  }

  /** A call's budget counts from its start. */
  #start(order: CallOrder, input: string): void {
    const { wallMs, cpuMs, name, mayCut } = order
    this.#call = { mayCut, endsAt: performance.now() + wallMs, cpuMs, cpuBefore: this.#realm?.cpuMs() ?? 0 }
    this.enter(`C${name}\n${input}`)
  }

  /** Starts the call that has waited longest. */
  #startNext(): void {
    for (const [c, { order, input }] of this.#waiting) {
      this.#waiting.delete(c)
      if (performance.now() - this.#heardAt > DEAF_MS) this.#startLater(order, input)
      else this.#start(order, input)
      return
    }
  }

  #startLater(order: CallOrder, input: string): void {
    this.#chosen = true
    setImmediate(() => {
      this.#chosen = false
      this.#heardAt = performance.now()
      if (!this.#closed) this.#start(order, input)
    })
  }

  async #takeTurns(): Promise<void> {
    this.#turning = true
    for (let text = this.#turns.shift(); text !== undefined; text = this.#turns.shift()) {
      const realm = this.#realm
      if (realm === undefined || this.#call === undefined || this.#closed) continue
      clearTimeout(this.#wake)
      // What was reported before goes out first, however long this turn takes: a near side counts the time of a call from there.
      this.#port.flush?.()
      const budget = this.#budget(this.#call, text)
      const started = realm.enter(text, budget)
      const turn = started instanceof Promise ? await this.#letGo(budget.wallMs, started) : started
      if (!this.#closed) this.#report(turn)
    }
    this.#turning = false
  }

  /** Reports `stuck` when the guest has not let go soon after `afterMs`. */
  async #letGo<T>(afterMs: number, work: T | Promise<T>): Promise<T> {
    const patience = setTimeout(() => this.#port.post({ t: 'stuck', s: this.#s }), afterMs + LET_GO_MS)
    try {
      return await work
    } finally {
      clearTimeout(patience)
    }
  }

  /** Only a call's first turn may be cut: what later turns answer has had effects. */
  #budget(call: CallState, text: string): Budget {
    return {
      mayCut: call.mayCut && text.startsWith('C'),
      wallMs: Math.max(1, call.endsAt - performance.now()),
      cpuMs: Math.max(1, call.cpuBefore + call.cpuMs - (this.#realm?.cpuMs() ?? 0)),
    }
  }

  #report(turn: Turn): void {
    const batch = batchOf(turn)
    const ended = batch === undefined || (turn.kind !== 'done' && !batch.settled)
    const sample = this.#measure()
    if (batch !== undefined && (batch.records !== '' || batch.settled)) {
      this.#port.post({ t: 'out', s: this.#s, ...sample }, batch.records)
    }
    const reached = turn.kind === 'exceeded' ? { limit: turn.limit } : {}
    const cut = turn.kind === 'cut' ? { cut: true } : {}
    if (ended) this.#port.post({ t: 'ended', s: this.#s, ...cut, ...reached, ...sample })
    if (ended || batch.settled) {
      this.#stopCall()
      // After any other end the sandbox is not called again.
      if (!ended && endsWell(batch.records)) this.#startNext()
      else this.#waiting.clear()
    } else if (batch.wakeMs === 0) setImmediate(() => this.enter('T'))
    else if (batch.wakeMs > 0) this.#wake = setTimeout(() => this.enter('W'), batch.wakeMs)
  }

  #measure(): Sample {
    const cpuTotal = this.#realm?.cpuMs()
    const memoryBytes = this.#realm?.memoryBytes()
    const cpuMs = cpuTotal === undefined ? undefined : Math.max(0, cpuTotal - (this.#call?.cpuBefore ?? 0))
    return { ...(cpuMs === undefined ? {} : { cpuMs }), ...(memoryBytes === undefined ? {} : { memoryBytes }) }
  }

  #stopCall(): void {
    clearTimeout(this.#wake)
    this.#call = undefined
    this.#turns = []
  }

  readonly #onLimit = (batch: string): void => {
    if (this.#call === undefined || this.#closed) return
    this.#report({ kind: 'done', batch })
    this.#port.flush?.()
  }

  readonly #askNear: SyncCall = (s, name, args) => {
    this.#port.post({ t: 'sync', s, name }, args)
    // Called from isolated-vm, after which no microtask runs before the next timer of this thread.
    this.#port.flush?.()
    return new Promise((resolve) => {
      this.#answer = resolve
    })
  }
}

/** What a turn left behind, if anything can be read at all: a kernel that writes nonsense has failed. */
const batchOf = (turn: Turn): Batch | undefined => {
  try {
    return turn.batch === '' ? undefined : readBatch(turn.batch)
  } catch {
    return undefined
  }
}
