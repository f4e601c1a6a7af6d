import { setTimeout as sleep } from 'node:timers/promises'
import { TRUST_LEVELS } from '../core/trust.ts'
import type { Traits } from '../core/types.ts'
import type { LiveExecution } from './live-execution.ts'
import { describePressure, type Pressure, type PressureMeasure } from './pressure-level.ts'

/** How long the system may take to have back what an ended guest held. */
const SETTLE_MS = 5
/** Who holds less than this share of what the guest in the middle holds is let be: ending the small helps nobody. */
const SMALL = 0.5

/** What an emergency stop needs of the broker. */
export interface EmergencyPost {
  /** Looks at the host now. */
  look(): Pressure
  /** What the measure is to come down to. */
  aim(pressure: Pressure): number
  running(): readonly LiveExecution[]
  /** The wall around a guest, which says whose memory it takes. */
  boundaryOf(live: LiveExecution): Traits['boundary'] | undefined
}

/** Whose memory each measure counts: the host's heap, its process, or its children's as well. */
const REACH: Readonly<Record<PressureMeasure, readonly Traits['boundary'][]>> = {
  heap: ['realm'],
  resident: ['realm', 'thread', 'isolate'],
  cgroup: ['realm', 'thread', 'isolate', 'process'],
  eventLoop: [],
}

/**
 * Ends guests, no more than it takes, until the pressure is no emergency any more: before the kernel chooses whom to kill.
 * It takes the largest process of the cgroup, which may be the host.
 */
export class EmergencyStop {
  readonly #post: EmergencyPost
  #under: Promise<void> | undefined

  constructor(post: EmergencyPost) {
    this.#post = post
  }

  /** Begins, unless it is under way. */
  begin(): void {
    this.#under ??= this.#relieve().finally(() => {
      this.#under = undefined
    })
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#under
  }

  async #relieve(): Promise<void> {
    for (let now = this.#post.look(); now.level === 'emergency'; now = this.#post.look()) {
      const victims = this.#victims(now)
      if (victims.length === 0) return
      for (const live of victims) live.end('pressure', `Ended to keep the host alive: ${describePressure(now)}`)
      await Promise.all(victims.map(({ result }) => result))
      await sleep(SETTLE_MS)
    }
  }

  /** The least trusted first, of these the largest, until what they hold is enough; at least one. */
  #victims(pressure: Pressure): readonly LiveExecution[] {
    const { measure, value } = pressure
    const reached = this.#post.running().flatMap((live) => {
      const boundary = this.#post.boundaryOf(live)
      if (boundary === undefined || !REACH[measure].includes(boundary)) return []
      return [{ live, rank: TRUST_LEVELS.indexOf(live.subject.trust), bytes: live.usage().peakMemoryBytes ?? 0 }]
    })
    const middle = reached.toSorted((a, b) => a.bytes - b.bytes)[Math.floor(reached.length / 2)]?.bytes ?? 0
    const inOrder = reached
      .filter(({ bytes }) => bytes >= middle * SMALL)
      .toSorted((a, b) => b.rank - a.rank || b.bytes - a.bytes)
    const enough = value - this.#post.aim(pressure)
    let freed = 0
    const last = inOrder.findIndex(({ bytes }) => {
      freed += bytes
      return freed >= enough
    })
    return inOrder.slice(0, last === -1 ? inOrder.length : last + 1).map(({ live }) => live)
  }
}
