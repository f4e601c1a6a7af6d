import type { Ending, Guest, Sandbox, SandboxCall, SandboxUsage } from '../core/sandbox.ts'
import { CallUnderWay } from './call-under-way.ts'
import { CallsAhead } from './calls-ahead.ts'
import { CarrierLost, cannotOpen } from './carrier-errors.ts'
import { endingOf, reachedLimit } from './endings.ts'
import { parseGuestError } from './guest-error.ts'
import type { EndedBy, Report, Sample } from './protocol.ts'
import { type RecordKind, readRecords, UNCAUGHT } from './records.ts'
import type { Wire } from './relay.ts'

/** How long a far side that says nothing at all is waited for, once it was told to close a sandbox. */
const CLOSE_PATIENCE_MS = 200
/** The same where no guest runs in it: a far side may be well and silent for longer, and its neighbours would die with it. */
const IDLE_CLOSE_PATIENCE_MS = 5000

type State = 'opening' | 'idle' | 'busy' | 'spent' | 'closing' | 'gone'

type SandboxReport = Exclude<Report, { t: 'ready' }>

/** The near side of one sandbox: holds every ceiling again that the kernel holds, since a far side may lie. */
export class NearSandbox implements Sandbox {
  readonly opened: Promise<void>
  readonly #s: number
  readonly #guest: Guest
  readonly #wire: Wire
  #state: State = 'opening'
  #under: CallUnderWay | undefined
  readonly #ahead: CallsAhead
  #lastUsage: SandboxUsage = {}
  /** Whether the turn under way has taken longer than its engine should have let it. */
  #isStuck = false
  readonly #opening = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  #closing: Promise<void> | undefined

  constructor(s: number, guest: Guest, wire: Wire) {
    this.#s = s
    this.#guest = guest
    this.#wire = wire
    this.#ahead = new CallsAhead(s, wire.port)
    this.opened = this.#opening.promise
    this.opened.catch(() => {})
  }

  get busy(): boolean {
    return this.#state === 'busy'
  }

  get isOpening(): boolean {
    return this.#state === 'opening'
  }

  get reusable(): boolean {
    return this.#state === 'idle' && this.#wire.serves()
  }

  get ahead(): number {
    const { ahead = 0 } = this.#wire.carrier
    if (this.#state !== 'idle' && this.#state !== 'busy') return 0
    return this.#ahead.mayWaitBehind(this.#under?.elapsedMs ?? 0) ? ahead : 0
  }

  run(call: SandboxCall): Promise<Ending> {
    // Its carrier is being ended on account of another: it had no turn, and has lost none.
    if (call.mayMove && !this.#wire.serves()) return Promise.resolve({ kind: 'displaced' })
    const waits = this.#state === 'busy' && this.#wire.carrier.ahead !== undefined
    const isReady = (this.#state === 'idle' || waits) && this.#wire.serves()
    if (!isReady) return Promise.resolve({ kind: 'crashed', detail: `the sandbox was ${this.#state}`, started: false })
    const { promise, resolve } = Promise.withResolvers<Ending>()
    if (waits) this.#ahead.add(call, resolve)
    else {
      this.#start(call, resolve)
      this.#ahead.send(call)
    }
    return promise
  }

  withdraw(call?: SandboxCall): void {
    this.#ahead.withdraw(call)
  }

  usage(): SandboxUsage {
    return this.#under?.usage ?? this.#lastUsage
  }

  kill(): Promise<void> {
    this.#closing ??= this.#close(true)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close(this.#state !== 'idle')
    return this.#closing
  }

  /** Takes what the far side reports of this sandbox. Throws `RF_PROTOCOL_VIOLATION`. */
  receive(report: SandboxReport, text: string): void {
    if (report.t === 'out' || report.t === 'ended') this.#isStuck = false
    switch (report.t) {
      case 'opened':
        if (this.#state !== 'opening') return
        this.#state = 'idle'
        this.#opening.resolve()
        return
      case 'failed':
        this.lose(text.slice(0, 500))
        return
      case 'out':
      case 'usage':
        this.measure(report)
        if (report.t === 'out') this.#read(text)
        return
      case 'ended':
        this.measure(report)
        this.#end(endingOf(report.limit, report.cut === true && this.#under?.untouched === true))
        return
      case 'dropped':
        // Otherwise it is being closed, and they are all given up.
        if (this.#state === 'busy') this.#ahead.giveBack(report.c)
        return
      case 'sync':
        void this.#answerSync(report.name, text)
        return
      case 'stuck':
        this.#isStuck = true
        if (this.#state === 'closing') this.#giveUpStuck()
        return
      case 'closed':
        this.#closed.resolve()
    }
  }

  /** The far side is gone, and the guest with it; the guest of a bystander had no part in that. */
  lose(cause: string, isBystander = false): void {
    const mayRepeat = isBystander && this.#under?.untouched === true
    this.#settle(mayRepeat ? { kind: 'displaced' } : { kind: 'crashed', detail: cause, started: true }, 'gone')
    this.#ahead.displace()
    this.#opening.reject(isBystander ? new CarrierLost(cause) : cannotOpen(cause))
    this.#state = 'gone'
    this.#closed.resolve()
    this.#wire.forget()
  }

  /** Invokes a synchronous host function and answers `0` or `1` and its text. */
  callSync(name: string, args: string): string | Promise<string> {
    return this.#under?.door.callSync(name, args) ?? '0'
  }

  async #answerSync(name: string, args: string): Promise<void> {
    const answer = await this.callSync(name, args)
    this.#wire.port.post({ t: 'answer', s: this.#s, ok: answer.startsWith('1') }, answer.slice(1))
  }

  /** The call under way reached a limit that is watched from outside. */
  exceed(limit: EndedBy): void {
    this.#end({ kind: 'exceeded', limit })
  }

  measure(sample: Sample): void {
    this.#under?.measure(sample)
  }

  #read(records: string): void {
    readRecords(records, (kind, id, text) => {
      const under = this.#under
      if (under !== undefined) this.#take(under, kind, id, text)
      return under !== undefined
    })
  }

  #take(under: CallUnderWay, kind: RecordKind, id: number, text: string): void {
    switch (kind) {
      case 'L':
        if (!under.log(id, text)) this.#end({ kind: 'exceeded', limit: 'logBytes' })
        return
      case 'H':
        void this.#invoke(under, id, text)
        return
      case 'D':
        this.#end(under.mayAnswer(text) ? { kind: 'returned', text } : { kind: 'exceeded', limit: 'outputBytes' })
        return
      case 'E':
        this.#end({ kind: 'threw', error: parseGuestError(text) }, id === UNCAUGHT)
        return
      case 'X':
        this.#end(reachedLimit(text))
    }
  }

  async #invoke({ door }: CallUnderWay, h: number, record: string): Promise<void> {
    const answer = await door.call(record)
    if (this.#under?.door !== door) return
    this.#wire.port.post({ t: 'reply', s: this.#s, h, ok: answer.startsWith('1') }, answer.slice(1))
  }

  #end(ending: Ending, tainted = false): void {
    const clean = !tainted && (ending.kind === 'returned' || ending.kind === 'threw')
    this.#settle(ending, clean ? 'idle' : 'spent')
  }

  #settle(ending: Ending, next: State): void {
    const under = this.#under
    if (under === undefined) return
    this.#under = undefined
    this.#state = next
    this.#ahead.note(under.elapsedMs)
    this.#lastUsage = under.usage
    under.end(ending, next === 'idle')
    // The far side has started the next that waits, in the moment in which it reported the end of this one.
    const following = next === 'idle' ? this.#ahead.shift() : undefined
    if (following !== undefined) this.#start(following.call, following.settle)
    // Those who wait here are to wait no longer, and may move once the far side can certainly not start them any more.
    if (next === 'spent' && this.#ahead.size > 0) void this.kill()
  }

  #start(call: SandboxCall, settle: (ending: Ending) => void): void {
    const onLimit = (): void => this.#end({ kind: 'exceeded', limit: 'hostCalls' })
    this.#state = 'busy'
    this.#under = new CallUnderWay(call, this.#guest, settle, onLimit)
    this.#wire.started()
    this.#under.begin()
  }

  /** On a busy machine letting go takes a while: a carrier is not ended at once while others are at work in it. */
  #giveUpStuck(): void {
    if (this.#wire.neighbours() === 0) void this.#wire.endCarrier()
  }

  async #close(force: boolean): Promise<void> {
    if (this.#state === 'gone') return
    const { port, carrier, endCarrier, forget } = this.#wire
    this.#settle({ kind: 'crashed', detail: 'the sandbox was killed', started: true }, 'closing')
    this.#state = 'closing'
    if (force && carrier.exclusive) {
      await endCarrier()
    } else {
      port.post({ t: 'close', s: this.#s })
      if (force && this.#isStuck) this.#giveUpStuck()
      const patienceMs = force ? CLOSE_PATIENCE_MS : IDLE_CLOSE_PATIENCE_MS
      const patience = setTimeout(() => void endCarrier().then(this.#closed.resolve), patienceMs)
      await this.#closed.promise
      clearTimeout(patience)
      await carrier.release()
    }
    this.#state = 'gone'
    this.#ahead.displace()
    this.#opening.reject(cannotOpen('it was killed before it opened'))
    forget()
  }
}
