import { RingfenceError } from '../core/errors.ts'
import { logBytesOf } from '../core/limits.ts'
import type { Ending, Guest, Sandbox, SandboxCall, SandboxUsage } from '../core/sandbox.ts'
import { endingOf, reachedLimit } from './endings.ts'
import { parseGuestError } from './guest-error.ts'
import { HostDoor } from './host-door.ts'
import { parseLogRecord } from './log-record.ts'
import type { EndedBy, Report, Sample } from './protocol.ts'
import { type RecordKind, readRecords } from './records.ts'
import type { Wire } from './relay.ts'

/** How long a far side that says nothing at all is waited for, once it was told to close a sandbox. */
const CLOSE_PATIENCE_MS = 200
/**
 * The same where no guest runs in it, so that nothing is gained by haste: on a busy machine a far side that is well may be
 * silent for longer, and neighbours who are at work in it would die with it.
 */
const IDLE_CLOSE_PATIENCE_MS = 5000

/** Marks an error nobody in the guest could catch: a rejection or a callback left alone, so its realm is not used again. */
const UNCAUGHT = 1

interface CallUnderWay {
  readonly call: SandboxCall
  readonly settle: (ending: Ending) => void
  readonly door: HostDoor
  logBytes: number
}

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
  #sample: Sample = {}
  #peak: number | undefined
  readonly #opening = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  #closing: Promise<void> | undefined

  constructor(s: number, guest: Guest, wire: Wire) {
    this.#s = s
    this.#guest = guest
    this.#wire = wire
    this.opened = this.#opening.promise
    this.opened.catch(() => {})
  }

  get busy(): boolean {
    return this.#state === 'busy'
  }

  get reusable(): boolean {
    return this.#state === 'idle'
  }

  run(call: SandboxCall): Promise<Ending> {
    if (this.#state !== 'idle') {
      return Promise.resolve({ kind: 'crashed', detail: `the sandbox was ${this.#state}`, started: false })
    }
    const { promise, resolve } = Promise.withResolvers<Ending>()
    this.#state = 'busy'
    this.#sample = {}
    this.#peak = undefined
    const { hostCalls } = this.#guest.limits
    const { wallMs, cpuMs } = call.limits
    this.#wire.started()
    const onLimit = (): void => this.#end({ kind: 'exceeded', limit: 'hostCalls' })
    this.#under = { call, settle: resolve, door: new HostDoor(this.#guest.functions, hostCalls, onLimit), logBytes: 0 }
    this.#wire.port.post(
      { t: 'call', s: this.#s, wallMs, cpuMs, name: call.exportName, mayCut: call.mayMove },
      call.input,
    )
    return promise
  }

  usage(): SandboxUsage {
    return { ...this.#sample, ...(this.#peak === undefined ? {} : { peakMemoryBytes: this.#peak }) }
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
        this.measure(report)
        this.#read(text)
        return
      case 'usage':
        this.measure(report)
        return
      case 'ended':
        this.measure(report)
        this.#end(endingOf(report.limit, report.cut === true && this.#isUntouched()))
        return
      case 'sync':
        void this.#answerSync(report.name, text)
        return
      case 'stuck':
        // On a busy machine letting go takes a while: a carrier is not ended at once while others are at work in it.
        if (this.#wire.busyNeighbours() === 0) void this.#wire.carrier.end()
        return
      case 'closed':
        this.#closed.resolve()
    }
  }

  /** The far side is gone, and the guest with it. */
  lose(cause: string): void {
    this.#settle({ kind: 'crashed', detail: cause, started: true }, 'gone')
    this.#opening.reject(new RingfenceError('RF_CARRIER_FAILED', `Cannot open sandbox: ${cause}`))
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

  /** Takes what was measured of the call under way. */
  measure(sample: Sample): void {
    const { cpuMs, memoryBytes } = sample
    if (cpuMs !== undefined) this.#sample = { ...this.#sample, cpuMs }
    if (memoryBytes !== undefined) this.#sample = { ...this.#sample, memoryBytes }
    if (memoryBytes !== undefined) this.#peak = Math.max(this.#peak ?? 0, memoryBytes)
  }

  /** Whether the call may be made once more elsewhere: it had no effect that we know of, whatever its far side says. */
  #isUntouched(): boolean {
    const under = this.#under
    return under?.call.mayMove === true && under.logBytes === 0 && !under.door.used
  }

  #read(records: string): void {
    readRecords(records, (kind, id, text) => {
      const under = this.#under
      if (under === undefined) return false
      this.#take(under, kind, id, text)
      return true
    })
  }

  #take(under: CallUnderWay, kind: RecordKind, id: number, text: string): void {
    switch (kind) {
      case 'L':
        this.#takeLog(under, id, text)
        return
      case 'H':
        void this.#invoke(under, id, text)
        return
      case 'D':
        this.#end(this.#withinOutput(text) ? { kind: 'returned', text } : { kind: 'exceeded', limit: 'outputBytes' })
        return
      case 'E':
        this.#end({ kind: 'threw', error: parseGuestError(text) }, id === UNCAUGHT)
        return
      case 'X':
        this.#end(reachedLimit(text))
    }
  }

  #withinOutput(text: string): boolean {
    const { outputBytes } = this.#guest.limits
    return text.length * 3 <= outputBytes || Buffer.byteLength(text) <= outputBytes
  }

  #takeLog(under: CallUnderWay, level: number, record: string): void {
    const entry = parseLogRecord(level, record)
    under.logBytes += logBytesOf(entry)
    if (under.logBytes > this.#guest.limits.logBytes) this.#end({ kind: 'exceeded', limit: 'logBytes' })
    else under.call.onLog(entry)
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
    under.door.close()
    under.settle(ending)
  }

  async #close(force: boolean): Promise<void> {
    if (this.#state === 'gone') return
    const { port, carrier, forget } = this.#wire
    this.#settle({ kind: 'crashed', detail: 'the sandbox was killed', started: true }, 'closing')
    this.#state = 'closing'
    if (force && carrier.exclusive) {
      await carrier.end()
    } else {
      port.post({ t: 'close', s: this.#s })
      const patienceMs = force ? CLOSE_PATIENCE_MS : IDLE_CLOSE_PATIENCE_MS
      const patience = setTimeout(() => void carrier.end().then(this.#closed.resolve), patienceMs)
      await this.#closed.promise
      clearTimeout(patience)
      await carrier.release()
    }
    this.#state = 'gone'
    this.#opening.reject(new RingfenceError('RF_CARRIER_FAILED', 'Cannot open sandbox: it was killed before it opened'))
    forget()
  }
}
