import { randomUUID } from 'node:crypto'
import type { Sandbox, SandboxUsage } from '../core/sandbox.ts'
import type { Execution, Isolation, KilledBy, LogEntry, PolicyDecision, Usage } from '../core/types.ts'
import { FirstCause } from './first-cause.ts'
import { Meter } from './meter.ts'
import type { Subject } from './scope.ts'

type Phase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'opening'; readonly queuedMs: number; readonly since: number }
  | {
      readonly kind: 'running'
      readonly queuedMs: number
      readonly startMs: number
      readonly since: number
      /** Absent once the guest is done: the sandbox may serve another call by now. */
      readonly sandbox: Sandbox | undefined
      readonly until?: number
    }
  | { readonly kind: 'over'; readonly usage: Usage }

const UNUSED: Usage = { wallMs: 0, outputBytes: 0, queuedMs: 0, startMs: 0, teardownMs: 0 }

/** One execution from the moment it was asked for until its receipt is written. Owned by `Executions`. */
export class LiveExecution {
  readonly id: string = randomUUID()
  readonly race: FirstCause = new FirstCause()
  readonly meter: Meter = new Meter()
  readonly createdAt: number = performance.now()
  /** What is known of it; more, once its program is prepared. */
  subject: Subject
  decision: PolicyDecision
  readonly #done: PromiseWithResolvers<Execution> = Promise.withResolvers()
  readonly #logs: LogEntry[] = []
  /** Present while somebody waits for a line, or for the end. */
  #moreLogs: PromiseWithResolvers<void> | undefined
  #isClosed = false
  outputBytes = 0
  /** What its sandbox held when its guest was done, as far as that was measured. */
  heldAtEnd: number | undefined
  /** What the operating system added to the wall of the sandbox it ran in last. */
  isolation: Isolation = { level: 'none', layers: [] }
  #phase: Phase = { kind: 'waiting' }

  constructor(subject: Subject, decision: PolicyDecision) {
    this.subject = subject
    this.decision = decision
  }

  /** Its receipt, once nothing of the guest runs any more. Never rejects. */
  get result(): Promise<Execution> {
    return this.#done.promise
  }

  /** What its guest has written so far. */
  get logs(): readonly LogEntry[] {
    return this.#logs
  }

  /** Its guest wrote a line. */
  log(entry: LogEntry): void {
    this.#logs.push(entry)
    this.#wakeReaders()
  }

  /** What its guest writes, as it comes, from the first line to its end; as much as its receipt holds, however late it is read. */
  async *readLogs(): AsyncGenerator<LogEntry, void, undefined> {
    for (let at = 0; ; ) {
      const entry = this.#logs[at]
      if (entry !== undefined) {
        at += 1
        yield entry
        continue
      }
      if (this.#isClosed) return
      this.#moreLogs ??= Promise.withResolvers()
      await this.#moreLogs.promise
    }
  }

  #wakeReaders(): void {
    this.#moreLogs?.resolve()
    this.#moreLogs = undefined
  }

  /** What it is doing now. */
  get phase(): Phase['kind'] {
    return this.#phase.kind
  }

  /** Ends it, whatever it is doing. Answers whether this was the first cause. */
  end(by: KilledBy, reason: string): boolean {
    return this.race.settle({ kind: 'killed', by, reason })
  }

  /** It waits for its turn, for the first time or again. */
  wait(): void {
    this.#phase = { kind: 'waiting' }
  }

  /** It was admitted, and its sandbox is being opened. */
  open(): void {
    const now = performance.now()
    this.#phase = { kind: 'opening', queuedMs: now - this.createdAt, since: now }
  }

  /** Its guest starts running now; `startMs` of the time until now went into opening the sandbox. */
  begin(sandbox: Sandbox, startMs: number): void {
    const now = performance.now()
    const queuedMs = Math.max(0, now - this.createdAt - startMs)
    this.#phase = { kind: 'running', queuedMs, startMs, since: now, sandbox }
  }

  /** Its guest is done and its sandbox may go on to another call, so its time and its usage stand still. */
  halt(usage: SandboxUsage): void {
    const phase = this.#phase
    if (phase.kind !== 'running') return
    this.meter.take(usage)
    this.heldAtEnd = usage.memoryBytes
    this.#phase = { ...phase, sandbox: undefined, until: performance.now() }
  }

  /** What it will come to is decided, and its guest is to be ended: what that takes is no more its own time. */
  stop(): void {
    const phase = this.#phase
    if (phase.kind === 'running') this.#phase = { ...phase, until: phase.until ?? performance.now() }
  }

  /** Its guest runs no more: from here on its usage stands still. May be told twice. */
  finish(): Usage {
    const usage = this.usage()
    this.#phase = { kind: 'over', usage }
    return usage
  }

  /** Hands its receipt to everybody who waits for it. */
  close(receipt: Execution): void {
    this.#done.resolve(receipt)
    this.#isClosed = true
    this.#wakeReaders()
  }

  /** How long its guest has been running; zero before it started. */
  elapsedMs(): number {
    const phase = this.#phase
    return phase.kind === 'running' ? (phase.until ?? performance.now()) - phase.since : 0
  }

  /** What it cost so far. */
  usage(): Usage {
    const phase = this.#phase
    const now = performance.now()
    switch (phase.kind) {
      case 'over':
        return phase.usage
      case 'waiting':
        return { ...UNUSED, queuedMs: now - this.createdAt }
      case 'opening':
        return { ...UNUSED, queuedMs: phase.queuedMs, startMs: now - phase.since }
      case 'running':
        this.#sample()
        return this.#measured(phase, now)
    }
  }

  /** What it holds of the memory it may take; zero where that is not known. */
  heldBytes(): number {
    const phase = this.#phase
    if (phase.kind !== 'running' || this.decision.verdict !== 'route') return 0
    return Math.min(this.#sample()?.memoryBytes ?? 0, this.decision.limits.memoryBytes)
  }

  /** Takes a sample of its guest, if that runs. Throws when the tier fails. */
  read(): SandboxUsage | undefined {
    const phase = this.#phase
    return phase.kind === 'running' && phase.sandbox !== undefined ? this.meter.read(phase.sandbox) : undefined
  }

  /** Who asks for the usage gets what is known, even when the tier fails; the watch notices that failure and acts. */
  #sample(): SandboxUsage | undefined {
    try {
      return this.read()
    } catch {
      // The samples taken so far are the answer.
      return undefined
    }
  }

  #measured({ since, until, queuedMs, startMs }: Extract<Phase, { kind: 'running' }>, now: number): Usage {
    const { cpuMs, peakMemoryBytes } = this.meter
    return {
      wallMs: (until ?? now) - since,
      ...(cpuMs !== undefined && { cpuMs }),
      ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
      outputBytes: this.outputBytes,
      queuedMs,
      startMs,
      teardownMs: now - (until ?? now),
    }
  }
}
