import type { CarrierStats } from '../core/sandbox.ts'
import type { Outcome, TierId } from '../core/types.ts'
import type { PoolSizes } from './pool.ts'
import type { HostPressure } from './pressure.ts'
import type { Pressure } from './pressure-level.ts'
import type { Subject } from './scope.ts'
import type { SessionUsage } from './session-usage.ts'

/** The sandboxes of one loaded program. */
export interface PoolStats extends PoolSizes, Subject {}

/** One session that has not ended. */
export interface SessionStats extends SessionUsage, Subject {
  readonly id: string
  readonly state: 'idle' | 'busy'
}

/** How a broker stands. */
export interface BrokerStats {
  /** Guests that run now. */
  readonly running: number
  /** Executions that wait for a turn or a sandbox. */
  readonly queued: number
  /** How many executions ended how, since the broker was made. */
  readonly ended: Readonly<Record<Outcome['kind'], number>>
  /** The threads and processes each tier keeps. */
  readonly tiers: readonly { readonly tier: TierId; readonly carriers: readonly CarrierStats[] }[]
  /** One entry for each loaded program that can run. */
  readonly pools: readonly PoolStats[]
  readonly sessions: readonly SessionStats[]
  readonly host: HostPressure
  /** How hard pressed the host is, and by what. */
  readonly pressure: Pressure
}

/** Counts endings. */
export class Tally {
  readonly #ended = { returned: 0, threw: 0, exceeded: 0, killed: 0, crashed: 0, refused: 0 }

  /** One more execution ended so. */
  count({ kind }: Outcome): void {
    this.#ended[kind] += 1
  }

  /** The counts so far. */
  read(): Readonly<Record<Outcome['kind'], number>> {
    return { ...this.#ended }
  }
}
