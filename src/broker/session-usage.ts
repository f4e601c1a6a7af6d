import { lowerLimits } from '../core/limits.ts'
import type { Execution, Limits, Traits } from '../core/types.ts'
import type { SessionLimits } from './options.ts'
import { expectKnownKeys, expectRecord, expectWhole } from './shape.ts'

/** What a session has used so far. */
export interface SessionUsage {
  readonly calls: number
  /** CPU time of its calls; wall time in a tier that does not meter CPU time. */
  readonly cpuMs: number
  /** How long nobody has called it; zero while a call is under way. */
  readonly idleMs: number
}

/** The longest delay a timer takes. */
const LONGEST_MS = 2 ** 31 - 1

const DEFAULTS: SessionLimits = { idleMs: 300_000, calls: 10_000, cpuMs: 600_000 }

/** Reads the limits of a session over their defaults. */
export function parseSessionLimits(value: unknown, attempt: string): SessionLimits {
  if (value === undefined) return DEFAULTS
  const record = expectRecord(value, '"session"', attempt)
  expectKnownKeys(record, Object.keys(DEFAULTS), '"session"', attempt)
  const read = (name: keyof SessionLimits): number => {
    const number =
      record[name] === undefined ? DEFAULTS[name] : expectWhole(record[name], 1, `"session.${name}"`, attempt)
    if (number <= LONGEST_MS) return number
    throw new RangeError(`${attempt}: "session.${name}" must be at most ${LONGEST_MS}, received ${number}`)
  }
  return { idleMs: read('idleMs'), calls: read('calls'), cpuMs: read('cpuMs') }
}

/** Counts what the calls of a session use, and says what is left. */
export class SessionBudget {
  readonly #limits: SessionLimits
  #calls = 0
  #cpuMs = 0

  constructor(limits: SessionLimits) {
    this.#limits = limits
  }

  get calls(): number {
    return this.#calls
  }

  get cpuMs(): number {
    return this.#cpuMs
  }

  /** The limits of a call, which gets no more CPU time than is left, so that the last one ends where the session does. */
  lower(limits: Limits, { cpu }: Traits): Limits {
    const left = Math.max(1, Math.ceil(this.#limits.cpuMs - this.#cpuMs))
    return lowerLimits(limits, cpu === 'metered' ? { cpuMs: left } : { wallMs: left })
  }

  /** One call starts. */
  begin(): void {
    this.#calls += 1
  }

  /** One call has ended. */
  add({ cpuMs, wallMs }: Execution['usage']): void {
    this.#cpuMs += cpuMs ?? wallMs
  }

  /** What is used up. */
  get spent(): 'calls' | 'cpuMs' | undefined {
    if (this.#calls >= this.#limits.calls) return 'calls'
    return this.#cpuMs >= this.#limits.cpuMs ? 'cpuMs' : undefined
  }
}
