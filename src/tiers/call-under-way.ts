import { logBytesOf } from '../core/limits.ts'
import type { Ending, Guest, SandboxCall, SandboxUsage } from '../core/sandbox.ts'
import { HostDoor } from './host-door.ts'
import { parseLogRecord } from './log-record.ts'
import type { Sample } from './protocol.ts'

/** The call that a guest works on, and what it has done and used so far. */
export class CallUnderWay {
  readonly door: HostDoor
  readonly #startedAt: number = performance.now()
  readonly #call: SandboxCall
  readonly #guest: Guest
  readonly #settle: (ending: Ending) => void
  #logBytes = 0
  #sample: Sample = {}
  #peak: number | undefined

  constructor(call: SandboxCall, guest: Guest, settle: (ending: Ending) => void, onHostCalls: () => void) {
    this.#call = call
    this.#guest = guest
    this.#settle = settle
    this.door = new HostDoor(guest.functions, guest.limits.hostCalls, onHostCalls)
  }

  /** For how long it has been under way. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt
  }

  /** Whether it may be made once more elsewhere: it had no effect that we know of, whatever its far side says. */
  get untouched(): boolean {
    return this.#call.mayMove && this.#logBytes === 0 && !this.door.used
  }

  /** What it used, as far as that was measured. */
  get usage(): SandboxUsage {
    return { ...this.#sample, ...(this.#peak === undefined ? {} : { peakMemoryBytes: this.#peak }) }
  }

  /** Takes what was measured of it. */
  measure({ cpuMs, memoryBytes }: Sample): void {
    if (cpuMs !== undefined) this.#sample = { ...this.#sample, cpuMs }
    if (memoryBytes === undefined) return
    this.#sample = { ...this.#sample, memoryBytes }
    this.#peak = Math.max(this.#peak ?? 0, memoryBytes)
  }

  /** Hands a line on. Answers whether it was within the limit. */
  log(level: number, record: string): boolean {
    const entry = parseLogRecord(level, record)
    this.#logBytes += logBytesOf(entry)
    if (this.#logBytes > this.#guest.limits.logBytes) return false
    this.#call.onLog(entry)
    return true
  }

  /** Whether a result is within the limit. */
  mayAnswer(text: string): boolean {
    const { outputBytes } = this.#guest.limits
    return text.length * 3 <= outputBytes || Buffer.byteLength(text) <= outputBytes
  }

  /** Says that it has started. */
  begin(): void {
    this.#call.onStart?.()
  }

  /** Ends it. `done` says that its guest is well and goes on to other calls. */
  end(ending: Ending, done: boolean): void {
    this.door.close()
    if (done) this.#call.onDone?.(this.usage)
    this.#settle(ending)
  }
}
