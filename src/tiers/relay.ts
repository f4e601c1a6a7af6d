import { FETCH_FUNCTION } from '../core/fetch-function.ts'
import type { Guest, Sandbox } from '../core/sandbox.ts'
import { needsNode } from '../node/needs.ts'
import { webNeeds } from '../web/needs.ts'
import { type Part, textOf } from '../web/web-text.ts'
import { CarrierLost, cannotOpen } from './carrier-errors.ts'
import { clockOf } from './guest-clock.ts'
import { NearSandbox } from './near-sandbox.ts'
import { partitionOf } from './partition.ts'
import type { Port } from './port.ts'
import { type EndedBy, type Order, PROTOCOL_VERSION, parseReport, type Report, type Sample } from './protocol.ts'

/** Kernels count characters; UTF-8 may need three bytes for one. */
const BYTES_PER_CHARACTER = 3
/** How long making a realm and compiling the longest program allowed may take. */
const OPEN_PATIENCE_MS = 10_000
/** What arrives beside results and logs, the arguments of host functions above all. */
const SLACK_BYTES = 16 * 1024 * 1024

/** The place where a far side runs, as its relay sees it. */
export interface Carrier {
  /** Ends the thread or process by force. Idempotent; resolves once it is gone. */
  end(): Promise<void>
  /** True when it serves one sandbox at a time, so that killing the guest may end the carrier. */
  readonly exclusive: boolean
  /** How many calls may wait on its far side behind the one under way; none where that side is in this thread. */
  readonly ahead?: number
  /** Called when a sandbox closed in good order, for a carrier that serves no second one. */
  release(): void | Promise<void>
}

/** What one sandbox has of its relay. */
export interface Wire {
  readonly port: Port<Order>
  readonly carrier: Pick<Carrier, 'exclusive' | 'ahead' | 'release'>
  /** Ends the carrier by force on account of this sandbox, and its neighbours with it. */
  readonly endCarrier: () => Promise<void>
  readonly forget: () => void
  /** A call starts. */
  readonly started: () => void
  /** Whether the far side is not being ended. */
  readonly serves: () => boolean
  /** How many others have a call under way or are being opened, once its own call has ended. */
  readonly neighbours: () => number
}

/**
 * The near side of every carrier: opens sandboxes over a port and hands each what its guest reports. Any message
 * that does not parse ends the carrier: a far side that talks nonsense is in its guest's hands.
 */
export class Relay {
  readonly #port: Port<Order>
  readonly #carrier: Carrier
  readonly #sandboxes = new Map<number, NearSandbox>()
  #next = 0
  #calls = 0
  readonly #equipped = new Set<Part>()
  #cause: string | undefined
  /** The sandbox on whose account the far side is being ended. */
  #culprit: NearSandbox | undefined
  /** Whether what the far side says is of no interest any more. */
  #isDeaf = false
  readonly #onEnd: (cause: string) => void
  /** Resolves with the far side's thread when it has said that it is ready; rejects when it ended first. */
  readonly ready: Promise<number>
  #settleReady: { readonly resolve: (threadId: number) => void; readonly reject: (error: Error) => void }

  constructor(port: Port<Order>, carrier: Carrier, onEnd: (cause: string) => void = () => {}) {
    this.#port = port
    this.#carrier = carrier
    this.#onEnd = onEnd
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    promise.catch(() => {})
    this.ready = promise
    this.#settleReady = { resolve, reject }
    port.listen(
      (head, text) => this.#receive(head, text),
      (cause) => this.fail(cause),
    )
  }

  /** How many sandboxes are open, busy or idle. */
  get size(): number {
    return this.#sandboxes.size
  }

  /** How many sandboxes have a call under way. */
  get busy(): number {
    return this.#count((sandbox) => sandbox.busy)
  }

  /** How many calls have been started, so that who measures a carrier from outside can tell one call from the next. */
  get calls(): number {
    return this.#calls
  }

  /** Why the far side is gone; undefined while it serves. */
  get cause(): string | undefined {
    return this.#cause
  }

  /** Opens a sandbox with the guest's program loaded. Rejects with `RF_CARRIER_FAILED` when the far side cannot, or when aborted. */
  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    if (this.#cause !== undefined) throw new CarrierLost(this.#cause)
    const node = needsNode(guest)
    const needs =
      guest.evaluates === true || node ? 'all' : webNeeds(guest.program, guest.functions.has(FETCH_FUNCTION))
    if (needs.length > 0) await this.#equip('web')
    if (node) await this.#equip('node')
    const s = this.#next++
    const sandbox: NearSandbox = new NearSandbox(s, guest, {
      port: this.#port,
      carrier: this.#carrier,
      endCarrier: () => this.#endFor(sandbox),
      forget: () => this.#sandboxes.delete(s),
      started: () => {
        this.#calls += 1
      },
      serves: () => this.#cause === undefined,
      neighbours: () => this.#count(({ busy, isOpening }) => busy || isOpening),
    })
    this.#sandboxes.set(s, sandbox)
    const { outputBytes, logBytes, hostCalls, memoryBytes } = guest.limits
    const functions = [...guest.functions].flatMap(([name, { sync, ofKernel }]) =>
      ofKernel === true ? [] : [[name, sync] as const],
    )
    this.#port.allow?.(BYTES_PER_CHARACTER * (outputBytes + logBytes) + SLACK_BYTES)
    const { trust, codeFromStrings, evaluates } = guest
    const ceilings = { outputBytes, logBytes, hostCalls, functions, memoryBytes }
    const web = needs.length > 0 ? { web: needs } : {}
    const strings = codeFromStrings === undefined ? {} : { codeFromStrings }
    const config = {
      trusted: trust === 'trusted',
      clock: clockOf(trust),
      ...ceilings,
      ...web,
      ...strings,
      ...(node && { node }),
      ...(evaluates && { evaluates }),
    }
    this.#port.post({ t: 'open', s, memoryBytes, config, partition: partitionOf(guest) }, guest.program.script)
    await this.#opened(sandbox, signal)
    return sandbox
  }

  /** Hands the far side the text of the web platform or of Node's modules, once, before the first guest that may touch it. */
  async #equip(part: Part): Promise<void> {
    if (this.#equipped.has(part)) return
    const text = await textOf(part)
    if (this.#cause !== undefined) throw new CarrierLost(this.#cause)
    if (this.#equipped.has(part)) return
    this.#equipped.add(part)
    this.#port.post({ t: 'equip', s: 0, part }, text)
  }

  /** A far side that does not open in time is stuck, in a compiler for instance, and ends with all it serves. */
  async #opened(sandbox: NearSandbox, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => void sandbox.kill()
    const patience = setTimeout(() => void this.#endFor(sandbox), OPEN_PATIENCE_MS)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      await sandbox.opened
    } finally {
      clearTimeout(patience)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Runs a synchronous host call of a sandbox whose far side is in this same thread. */
  callSync(s: number, name: string, args: string): string | Promise<string> {
    return this.#sandboxes.get(s)?.callSync(name, args) ?? '0'
  }

  /** Tells every sandbox that its far side is gone. Called by the carrier's owner too, when it sees it die. */
  fail(cause: string): void {
    if (this.#isDeaf) return
    this.#isDeaf = true
    this.retire(cause)
    this.#lose(this.#cause ?? cause)
  }

  /** Lets nobody open or call a sandbox any more: the far side is being ended. */
  retire(cause: string): void {
    if (this.#cause !== undefined) return
    this.#cause = cause
    this.#settleReady.reject(cannotOpen(`its carrier failed: ${cause}`))
    this.#onEnd(cause)
  }

  /** Ends every call under way as having reached `limit`; for an owner that measures its carrier from outside. */
  exceed(limit: EndedBy): void {
    for (const sandbox of this.#sandboxes.values()) sandbox.exceed(limit)
  }

  /** Takes an owner's measure of its carrier, which serves one sandbox. */
  measure(sample: Sample): void {
    for (const sandbox of this.#sandboxes.values()) sandbox.measure(sample)
  }

  #count(which: (sandbox: NearSandbox) => boolean): number {
    let count = 0
    for (const sandbox of this.#sandboxes.values()) if (which(sandbox)) count += 1
    return count
  }

  #receive(head: unknown, text: string): void {
    if (this.#isDeaf) return
    try {
      this.#deliver(parseReport(head), text)
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error))
    }
  }

  /** What it said is no message of ours. Nobody is told that a guest is gone before it is. */
  #refuse(cause: string): void {
    this.#isDeaf = true
    this.retire(cause)
    void this.#carrier.end().then(() => this.#lose(cause))
  }

  #endFor(sandbox: NearSandbox): Promise<void> {
    if (this.#cause === undefined) this.#culprit = sandbox
    return this.#carrier.end()
  }

  #lose(cause: string): void {
    for (const sandbox of this.#sandboxes.values()) {
      const isBystander = this.#culprit !== undefined && this.#culprit !== sandbox
      sandbox.lose(cause, isBystander)
    }
    this.#sandboxes.clear()
  }

  #deliver(report: Report, text: string): void {
    if (report.t !== 'ready') {
      this.#sandboxes.get(report.s)?.receive(report, text)
      return
    }
    if (report.version !== PROTOCOL_VERSION) throw cannotOpen(`it speaks version ${report.version} of the protocol`)
    this.#settleReady.resolve(report.threadId)
  }
}
