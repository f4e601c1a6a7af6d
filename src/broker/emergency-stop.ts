import { setTimeout as sleep } from 'node:timers/promises'
import type { Traits } from '../core/types.ts'
import type { LiveExecution } from './live-execution.ts'
import { describePressure, type Pressure, type PressureMeasure } from './pressure-level.ts'
import { TRUST_LEVELS } from './scope.ts'

/** How long the system may take to have back what an ended guest held. */
const SETTLE_MS = 15

/** What an emergency stop needs of the broker. */
export interface EmergencyPost {
  /** Looks at the host now. */
  look(): Pressure
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
 * Ends guests one by one until the pressure is no emergency any more, before the kernel chooses whom to kill: it takes the
 * largest process of the cgroup, which may be the host.
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
      const victim = this.#worst(now.measure)
      if (victim === undefined) return
      victim.end('pressure', `Ended to keep the host alive: ${describePressure(now)}`)
      await victim.result
      await sleep(SETTLE_MS)
    }
  }

  /** Of those that hold no less than their share, the least trusted; of these the largest. Ending small ones helps nobody. */
  #worst(measure: PressureMeasure): LiveExecution | undefined {
    const reached = this.#post.running().flatMap((live) => {
      const boundary = this.#post.boundaryOf(live)
      if (boundary === undefined || !REACH[measure].includes(boundary)) return []
      return [{ live, rank: TRUST_LEVELS.indexOf(live.subject.trust), bytes: live.usage().peakMemoryBytes ?? 0 }]
    })
    const mean = reached.reduce((sum, { bytes }) => sum + bytes, 0) / reached.length
    const [worst] = reached
      .filter(({ bytes }) => bytes >= mean)
      .toSorted((a, b) => b.rank - a.rank || b.bytes - a.bytes)
    return worst?.live
  }
}
