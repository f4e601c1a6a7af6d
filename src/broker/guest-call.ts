import { decode } from '../core/codec.ts'
import { logBytesOf } from '../core/limits.ts'
import type { Ending, SandboxCall, SandboxUsage } from '../core/sandbox.ts'
import { INPUT, STREAM } from '../core/stream-names.ts'
import type { GuestError, Limits, LogEntry, Outcome } from '../core/types.ts'
import { withoutPaths } from '../core/without-paths.ts'
import { mapError, mapText } from '../program/map-error.ts'
import type { Program } from '../program/prepare.ts'
import type { Chunks } from './chunks.ts'
import type { Caller } from './host-functions.ts'
import type { InputSource } from './input-source.ts'
import type { LiveExecution } from './live-execution.ts'
import { crashed } from './receipt.ts'

/** What is to be called, and within which limits. */
export interface Task {
  readonly program: Program
  readonly exportName: string
  /** Encoded. */
  readonly input: string
  readonly limits: Limits
  /** Where the chunks go of a result that is to come chunk by chunk. */
  readonly chunks?: Chunks | undefined
  /** Where the items come from of an input that is read one by one. */
  readonly source?: InputSource | undefined
}

/**
 * The call of one execution, as its sandbox and its host functions see it. Holds the limits that can be counted here. The
 * tiers count them as well, on the far side; these counts also serve the lower limits of a single warm call.
 */
export class GuestCall implements SandboxCall, Caller {
  readonly id: string
  readonly exportName: string
  readonly input: string
  readonly limits: Limits
  mayMove = true
  /** Called when its guest starts. */
  onStart: () => void = () => {}
  readonly #live: LiveExecution
  readonly #task: Task
  #logBytes = 0
  #hostCalls = 0
  #inputBytes = 0

  constructor(live: LiveExecution, task: Task) {
    this.id = live.id
    this.exportName = `${task.chunks ? STREAM : ''}${task.source ? INPUT : ''}${task.exportName}`
    this.input = task.input
    this.limits = task.limits
    this.#live = live
    this.#task = task
  }

  /** Keeps a line of the guest's console. Also those on the way when it was killed: they tell what it was doing. */
  onLog(entry: LogEntry): void {
    if (this.#live.phase === 'over') return
    this.#logBytes += logBytesOf(entry)
    if (this.#logBytes <= this.#task.limits.logBytes) this.#live.log(this.#readable(entry))
    else this.#live.race.settle({ kind: 'exceeded', limit: 'logBytes' })
  }

  /** With the places of the errors it may show in the caller's own files. */
  #readable(entry: LogEntry): LogEntry {
    const text = mapText(this.#task.program, entry.text)
    return text === entry.text ? entry : { ...entry, text }
  }

  onDone(usage: SandboxUsage): void {
    this.#live.halt(usage)
  }

  /** Counts one call of a host function. Answers whether it may be made. */
  countHostCall(): boolean {
    if (this.#live.race.outcome !== undefined) return false
    this.#hostCalls += 1
    if (this.#hostCalls <= this.#task.limits.hostCalls) return true
    this.#live.race.settle({ kind: 'exceeded', limit: 'hostCalls' })
    return false
  }

  /** Its guest starts: a stream may not fall silent from here on. */
  begin(): void {
    const { chunks, limits } = this.#task
    chunks?.begin(limits.idleMs, () => this.#live.race.settle({ kind: 'exceeded', limit: 'idleMs' }))
  }

  /** Its guest does not run any more. */
  rest(): void {
    this.#task.chunks?.rest()
  }

  putChunk(text: string): boolean | Promise<boolean> | undefined {
    const { chunks, limits } = this.#task
    if (chunks === undefined || chunks.isHeld || this.#live.race.outcome !== undefined) return undefined
    if (!this.#addOutput(text, limits)) {
      this.#live.race.settle({ kind: 'exceeded', limit: 'outputBytes' })
      return undefined
    }
    return chunks.put(decode(text))
  }

  takeInput(): Promise<string> | undefined {
    if (this.#live.race.outcome !== undefined) return undefined
    return this.#task.source?.take()?.then((text) => {
      this.#inputBytes += Buffer.byteLength(text)
      if (this.#inputBytes <= this.#task.limits.inputBytes) return text
      this.#live.race.settle({ kind: 'exceeded', limit: 'inputBytes' })
      throw new RangeError('The limit "inputBytes" is reached')
    })
  }

  /** Counts bytes of a result. Answers whether these, and those of all chunks, are within the limit. */
  #addOutput(text: string, { outputBytes }: Limits): boolean {
    const bytes = this.#live.outputBytes + Buffer.byteLength(text)
    if (bytes > outputBytes) return false
    this.#live.outputBytes = bytes
    return true
  }

  /** Whether something else than the guest itself ended it. */
  wasEnded(): boolean {
    const { outcome } = this.#live.race
    return outcome !== undefined && outcome.kind !== 'returned' && outcome.kind !== 'threw'
  }

  /** Turns what the tier said into an outcome. What comes after a deadline is no answer any more. */
  judge(ending: Ending): Outcome {
    switch (ending.kind) {
      case 'returned':
        return this.#late() ?? this.#returned(ending.text)
      case 'threw':
        return this.#late() ?? this.#threw(ending.error)
      case 'exceeded':
        return { kind: 'exceeded', limit: ending.limit }
      case 'crashed':
        return { kind: 'crashed', detail: withoutPaths(ending.detail) }
      case 'displaced':
        return { kind: 'crashed', detail: 'its sandbox gave it up' }
    }
  }

  #late(): Outcome | undefined {
    const { limits } = this.#task
    if (this.#live.elapsedMs() > limits.wallMs) return { kind: 'exceeded', limit: 'wallMs' }
    const { cpuMs } = this.#live.meter
    return cpuMs !== undefined && cpuMs > limits.cpuMs ? { kind: 'exceeded', limit: 'cpuMs' } : undefined
  }

  #returned(text: string): Outcome {
    if (!this.#addOutput(text, this.#task.limits)) return { kind: 'exceeded', limit: 'outputBytes' }
    try {
      return { kind: 'returned', value: decode(text) }
    } catch (error) {
      return crashed('Cannot decode the result', error)
    }
  }

  #threw(error: GuestError): Outcome {
    try {
      return { kind: 'threw', error: mapError(this.#task.program, error) }
    } catch (failure) {
      return crashed('Cannot map the error of the guest', failure)
    }
  }
}
