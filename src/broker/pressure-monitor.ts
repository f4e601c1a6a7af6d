import { RingfenceError } from '../core/errors.ts'
import { TRUST_LEVELS } from '../core/trust.ts'
import type { PressureOptions } from './options.ts'
import type { HostMemory } from './pressure.ts'
import { admit, type Demand, describePressure, judge, type Pressure, roomBytes, shareOf } from './pressure-level.ts'

/** How often the host is looked at where there is much room, and where a fast guest may soon have used it up. */
const FAR_MS = 100
const NEAR_MS = 20
const PRESSED_MS = 5
/** From this share of the first threshold on it is near. */
const NEAR = 0.7
/** This far below the first threshold nobody is pressed. */
const CLEAR = 0.9
/** A long turn of one guest is no pressure; so many late looks one after the other are. */
const LATE_LOOKS = 3

interface Waiter {
  readonly demand: Demand
  admit(): void
  refuse(): void
}

/** What a monitor tells of. */
export interface PressureChange {
  readonly now: Pressure
  readonly before: Pressure
}

/**
 * Looks at the host's memory and event loop again and again, says how hard pressed it is, and keeps at the door who must
 * not come in now. Owns a timer that never keeps the process alive.
 */
export class PressureMonitor implements Disposable {
  readonly #read: () => HostMemory
  readonly #options: PressureOptions
  readonly #onChange: (change: PressureChange) => void
  readonly #waiters = new Set<Waiter>()
  /** By how much the last looks were late. */
  readonly #late: number[] = Array.from({ length: LATE_LOOKS }, () => 0)
  #current: Pressure
  #memory: HostMemory
  /** As it was read last. */
  #cgroupBytes: number | undefined
  #readAt: number
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(read: () => HostMemory, options: PressureOptions, onChange: (change: PressureChange) => void) {
    this.#read = read
    this.#options = options
    this.#onChange = onChange
    // Whatever it is, it is news at the first look.
    this.#memory = read()
    this.#current = { ...judge(this.#memory, 0, 'none', options), level: 'none' }
    this.#readAt = performance.now()
    this.#lookLater()
  }

  /** As of the last look. */
  get current(): Pressure {
    return this.#current
  }

  /** What the measure is to come down to, once it must: clear of any pressure, since those left go on growing meanwhile. */
  aim({ limit }: Pressure): number {
    return limit * this.#options.high * CLEAR
  }

  /** How many bytes its cgroup may still take until that is critical, as of the last look. Undefined where it has no limit. */
  get cgroupRoomBytes(): number | undefined {
    const { cgroup } = this.#memory
    return cgroup && Math.max(0, cgroup.limitBytes * this.#options.critical - cgroup.usedBytes)
  }

  /** Looks now. */
  look(): Pressure {
    const before = this.#current
    this.#readAt = performance.now()
    this.#memory = this.#foreseen(this.#read())
    this.#current = judge(this.#memory, Math.min(...this.#late), before.level, this.#options)
    if (before.level !== this.#current.level) this.#onChange({ now: this.#current, before })
    if (this.#waiters.size > 0) this.#letIn()
    return this.#current
  }

  /** Whether somebody may come in at once. Throws `RF_UNDER_PRESSURE` when they are turned away; false is to wait. */
  admits(demand: Demand): boolean {
    if (performance.now() - this.#readAt > NEAR_MS && !this.#closed) this.look()
    const verdict = admit(demand, this.#current.level, this.#room)
    if (verdict === 'refuse') throw this.#refusal(demand)
    return verdict === 'admit'
  }

  /**
   * Resolves when somebody may come in. Rejects with `RF_UNDER_PRESSURE` when they are turned away, at once or after they
   * have waited for as long as the options say, and when aborted.
   */
  async pass(demand: Demand, signal: AbortSignal): Promise<void> {
    if (this.admits(demand)) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const refuse = (): void => reject(this.#refusal(demand))
    const onAbort = (): void => reject(new Error('Cannot wait for the pressure to fall: aborted'))
    const waiter: Waiter = { demand, admit: resolve, refuse }
    const patience = setTimeout(refuse, this.#options.patienceMs)
    this.#waiters.add(waiter)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      await promise
    } finally {
      clearTimeout(patience)
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /**
   * What the cgroup will hold at the next look, should it go on growing as it did since the last: the busier the machine, the
   * later each look comes, and the sooner one must act. Of no account while there is much room, when processes that start
   * take much at once and no more after that.
   */
  #foreseen(memory: HostMemory): HostMemory {
    const { cgroup } = memory
    const before = this.#cgroupBytes
    this.#cgroupBytes = cgroup?.usedBytes
    if (cgroup === undefined || before === undefined) return memory
    const { usedBytes, limitBytes } = cgroup
    if (usedBytes < limitBytes * this.#options.high || usedBytes <= before) return memory
    return { ...memory, cgroup: { limitBytes, usedBytes: Math.min(limitBytes, 2 * usedBytes - before) } }
  }

  [Symbol.dispose](): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const waiter of this.#waiters) waiter.refuse()
  }

  get #room(): number {
    return roomBytes(this.#current, this.#options)
  }

  /** The most trusted and the smallest first; what each asks for is no room for the next. */
  #letIn(): void {
    let room = this.#room
    const rank = ({ demand }: Waiter): number => TRUST_LEVELS.indexOf(demand.trust)
    const inOrder = [...this.#waiters].toSorted(
      (a, b) => rank(a) - rank(b) || a.demand.memoryBytes - b.demand.memoryBytes,
    )
    for (const waiter of inOrder) {
      const verdict = admit(waiter.demand, this.#current.level, room)
      if (verdict === 'wait') continue
      this.#waiters.delete(waiter)
      if (verdict === 'refuse') waiter.refuse()
      else waiter.admit()
      room -= waiter.demand.memoryBytes
    }
  }

  #lookLater(): void {
    const delayMs = this.#pauseMs()
    const due = performance.now() + delayMs
    this.#timer = setTimeout(() => {
      this.#late.shift()
      this.#late.push(performance.now() - due)
      this.look()
      if (!this.#closed) this.#lookLater()
    }, delayMs).unref()
  }

  #pauseMs(): number {
    if (this.#current.level !== 'none') return PRESSED_MS
    return shareOf(this.#current) >= this.#options.high * NEAR ? NEAR_MS : FAR_MS
  }

  #refusal({ trust, memoryBytes }: Demand): RingfenceError {
    const { level } = this.#current
    return new RingfenceError(
      'RF_UNDER_PRESSURE',
      `The host is under ${level} pressure: ${describePressure(this.#current)}. It takes no ${trust} code now that may use ${memoryBytes} bytes`,
    )
  }
}
