import type { Execution, Outcome, Scope } from '../core/types.ts'
import type { QuarantineEvent } from './events.ts'
import type { KillSwitch } from './kill-switch.ts'
import type { QuarantineOptions } from './options.ts'
import type { Subject } from './scope.ts'

/** How many programs or tenants are remembered. Those that failed longest ago are forgotten first. */
const MAX_REMEMBERED = 10_000

/** Blocks a program or a tenant that ends badly again and again. */
export class Quarantine {
  readonly #options: QuarantineOptions
  readonly #killSwitch: KillSwitch
  readonly #onQuarantine: (event: QuarantineEvent) => void
  /** When each failed, oldest first; never as many as lead to a quarantine. */
  readonly #failures = new Map<string, readonly number[]>()

  constructor(options: QuarantineOptions, killSwitch: KillSwitch, onQuarantine: (event: QuarantineEvent) => void) {
    this.#options = options
    this.#killSwitch = killSwitch
    this.#onQuarantine = onQuarantine
  }

  /** Takes note of how an execution ended. */
  observe(subject: Subject, execution: Execution): void {
    if (!endedBadly(execution)) return
    const { scope: kind, failures, windowMs } = this.#options
    const key = subject[kind]
    if (key === undefined) return
    const now = performance.now()
    const recent = [...(this.#failures.get(key) ?? []).filter((at) => now - at < windowMs), now]
    this.#failures.delete(key)
    if (recent.length >= failures) this.#quarantine(kind === 'program' ? { program: key } : { tenant: key }, execution)
    else this.#remember(key, recent)
  }

  #remember(key: string, recent: readonly number[]): void {
    this.#failures.set(key, recent)
    if (this.#failures.size <= MAX_REMEMBERED) return
    const [oldest] = this.#failures.keys()
    if (oldest !== undefined) this.#failures.delete(oldest)
  }

  /** An operator's own block says more, and stays. */
  #quarantine(scope: Scope, { outcome }: Execution): void {
    if (this.#killSwitch.isBlocked(scope)) return
    const { failures, windowMs } = this.#options
    const reason = `Quarantined: ended badly ${failures} times within ${windowMs} ms, at last ${nameOf(outcome)}`
    this.#killSwitch.blockUnattended(scope, reason, 'quarantine')
    this.#onQuarantine({ scope, reason })
  }
}

/** What never ran failed by no fault of its own: its carrier could not be started. */
function endedBadly({ outcome, usage }: Execution): boolean {
  if (outcome.kind === 'crashed') return usage.wallMs > 0
  if (outcome.kind !== 'exceeded') return false
  return outcome.limit === 'wallMs' || outcome.limit === 'cpuMs' || outcome.limit === 'memoryBytes'
}

function nameOf(outcome: Outcome): string {
  return outcome.kind === 'exceeded' ? `exceeded "${outcome.limit}"` : outcome.kind
}
