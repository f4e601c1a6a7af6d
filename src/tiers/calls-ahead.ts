import { RingfenceError } from '../core/errors.ts'
import type { Ending, SandboxCall } from '../core/sandbox.ts'
import type { Port } from './port.ts'
import type { Order } from './protocol.ts'

/** How many calls may wait in one sandbox: enough to keep its far side busy while the near side takes in results. */
export const CALLS_AHEAD = 32
/** With so many at least before them on the far side, calls are kept here, so as to be sent in one go. */
const ENOUGH_SENT = 10

/** No call is to wait behind one that takes longer, nor in a sandbox whose last calls were not all this short. */
const QUICK_MS = 5
const QUICK_CALLS = 2

/** A call that waits for those before it. */
export interface WaitingCall {
  /** Its number in its sandbox. */
  readonly c: number
  readonly call: SandboxCall
  readonly settle: (ending: Ending) => void
}

/**
 * The calls that wait in one sandbox behind the one under way, in the order in which the far side starts them: it starts
 * the next in the moment in which it reports that the one before ended well. A call whose predecessor has reported nothing
 * of the kind has therefore had no effect.
 */
export class CallsAhead {
  readonly #s: number
  readonly #port: Port<Order>
  #calls = 0
  /** On the far side. */
  readonly #sent = new Map<number, WaitingCall>()
  /** Not sent yet. */
  #kept: WaitingCall[] = []
  readonly #asked = new Set<number>()
  /** How many calls in a row were quick. */
  #quick = 0

  constructor(s: number, port: Port<Order>) {
    this.#s = s
    this.#port = port
  }

  /** How many wait. */
  get size(): number {
    return this.#sent.size + this.#kept.length
  }

  /** Whether it is no hardship to wait behind a call that has been under way for so long. */
  mayWaitBehind(elapsedMs: number): boolean {
    return this.#quick >= QUICK_CALLS && elapsedMs <= QUICK_MS
  }

  /** A call ended after so long. */
  note(elapsedMs: number): void {
    this.#quick = elapsedMs <= QUICK_MS ? this.#quick + 1 : 0
  }

  /** Sends one that starts at once. */
  send(call: SandboxCall): void {
    this.#post(this.#calls++, call)
  }

  /** Adds one behind all others. */
  add(call: SandboxCall, settle: WaitingCall['settle']): void {
    this.#kept.push({ c: this.#calls++, call, settle })
    this.#sendDue()
  }

  /** The one that starts now. */
  shift(): WaitingCall | undefined {
    const next = this.#sent.values().next().value
    if (next !== undefined) this.#forget(next.c)
    this.#sendDue()
    return next
  }

  /** Takes back the given one, or all: at once where they were not sent, and else when the far side says so. */
  withdraw(call: SandboxCall | undefined): void {
    const kept = this.#kept.filter((waiting) => call === undefined || waiting.call === call)
    this.#kept = this.#kept.filter((waiting) => !kept.includes(waiting))
    for (const { settle } of kept) settle({ kind: 'displaced' })
    for (const waiting of this.#sent.values()) {
      if ((call !== undefined && waiting.call !== call) || this.#asked.has(waiting.c)) continue
      this.#asked.add(waiting.c)
      this.#port.post({ t: 'drop', s: this.#s, c: waiting.c })
    }
  }

  /** The far side gave one back. Throws `RF_PROTOCOL_VIOLATION` when it was not asked for it. */
  giveBack(c: number): void {
    const waiting = this.#sent.get(c)
    if (waiting === undefined || !this.#asked.has(c)) throw neverAsked(c)
    this.#forget(c)
    waiting.settle({ kind: 'displaced' })
    this.#sendDue()
  }

  /** None of them will start here any more. */
  displace(): void {
    const all = [...this.#sent.values(), ...this.#kept]
    this.#kept = []
    this.#sent.clear()
    this.#asked.clear()
    for (const { settle } of all) settle({ kind: 'displaced' })
  }

  #sendDue(): void {
    if (this.#kept.length === 0 || this.#sent.size > ENOUGH_SENT) return
    for (const waiting of this.#kept) {
      this.#sent.set(waiting.c, waiting)
      this.#post(waiting.c, waiting.call)
    }
    this.#kept = []
  }

  #post(c: number, { exportName: name, input, mayMove: mayCut, limits: { wallMs, cpuMs } }: SandboxCall): void {
    this.#port.post({ t: 'call', s: this.#s, c, wallMs, cpuMs, name, mayCut }, input)
  }

  #forget(c: number): void {
    this.#sent.delete(c)
    this.#asked.delete(c)
  }
}

const neverAsked = (c: number): RingfenceError =>
  new RingfenceError('RF_PROTOCOL_VIOLATION', `Cannot accept a message from a carrier: nobody took call ${c} back`)
