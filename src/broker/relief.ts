import type { Tier } from '../core/sandbox.ts'
import { EmergencyStop } from './emergency-stop.ts'
import type { PressureEvent } from './events.ts'
import type { Executions } from './executions.ts'
import type { Logger } from './options.ts'
import { describePressure, isPressedAtLeast } from './pressure-level.ts'
import type { PressureChange, PressureMonitor } from './pressure-monitor.ts'
import type { ProgramVersion } from './program-version.ts'
import type { LiveSession } from './session.ts'

/** What relief needs of the broker. */
export interface ReliefPost {
  readonly executions: Executions
  readonly programs: ReadonlySet<ProgramVersion>
  readonly sessions: ReadonlySet<LiveSession>
  readonly tiers: readonly Tier[]
  readonly logger: Logger
  readonly onChange: (event: PressureEvent) => void
}

/**
 * Gives memory back when the host is hard pressed: idle sandboxes and spares from `high` on, for as long as it lasts, and
 * running guests in an emergency.
 */
export class Relief {
  readonly #post: ReliefPost
  #emergency: EmergencyStop | undefined

  constructor(post: ReliefPost) {
    this.#post = post
  }

  /** The host is pressed harder than before, or less. */
  onChange({ now, before }: PressureChange, monitor: PressureMonitor): void {
    const { tiers, programs, sessions, logger, onChange } = this.#post
    const pressed = isPressedAtLeast(now.level, 'high')
    logger.warn({ ...now, before: before.level }, `The host is under pressure "${now.level}": ${describePressure(now)}`)
    onChange({ ...now, before: before.level })
    if (pressed !== isPressedAtLeast(before.level, 'high')) for (const tier of tiers) tier.economise?.(pressed)
    if (pressed) {
      for (const { pool } of programs) {
        pool?.recall()
        void pool?.retireIdle()
      }
      for (const session of sessions) session.yieldTo(now, describePressure(now))
    }
    if (now.level === 'emergency') this.#stop(monitor).begin()
  }

  /** Resolves when nobody is being ended for others' sake. */
  async settled(): Promise<void> {
    await this.#emergency?.settled()
  }

  #stop(monitor: PressureMonitor): EmergencyStop {
    const { tiers, executions } = this.#post
    this.#emergency ??= new EmergencyStop({
      look: () => monitor.look(),
      aim: (pressure) => monitor.aim(pressure),
      running: () => executions.running(),
      boundaryOf: ({ subject }) => tiers.find(({ id }) => id === subject.tier)?.traits.boundary,
    })
    return this.#emergency
  }
}
