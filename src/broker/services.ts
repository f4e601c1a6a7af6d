import type { Tier } from '../core/sandbox.ts'
import type { Execution, TierId } from '../core/types.ts'
import type { Preparer } from '../program/preparer.ts'
import { Admission } from './admission.ts'
import { BlockList } from './block-list.ts'
import { BlockState } from './block-state.ts'
import { type BrokerSettings, tiersById } from './broker-settings.ts'
import { Disposals } from './disposals.ts'
import { type AuditEvent, Events, type MemoryEvent, type PressureEvent } from './events.ts'
import { Executions } from './executions.ts'
import { KillSwitch, type WarmStock } from './kill-switch.ts'
import type { Logger } from './options.ts'
import type { PlanBasis } from './plan.ts'
import { type HostMemory, PressureGauge } from './pressure.ts'
import { PressureMonitor } from './pressure-monitor.ts'
import type { ProgramVersion } from './program-version.ts'
import { Quarantine } from './quarantine.ts'
import { Relief } from './relief.ts'
import { Reservations } from './reservations.ts'
import type { Subject } from './scope.ts'
import type { LiveSession } from './session.ts'
import { Tally } from './stats.ts'
import { Ticker } from './ticker.ts'
import { armTriggers } from './triggers.ts'

/** The parts of one broker. */
export interface Services {
  readonly logger: Logger
  readonly basis: PlanBasis
  readonly admission: Admission
  readonly disposals: Disposals
  readonly events: Events
  readonly executions: Executions
  readonly killSwitch: KillSwitch
  /** What pulls the kill switch from outside. */
  readonly triggers: Disposable
  readonly programs: Set<ProgramVersion>
  readonly sessions: Set<LiveSession>
  /** The sandboxes of versions that are to take over sessions. */
  readonly candidates: Set<WarmStock>
  readonly tally: Tally
  readonly ticker: Ticker
  readonly pressure: PressureGauge
  readonly monitor: PressureMonitor
  readonly relief: Relief
  readonly onAudit: (event: AuditEvent) => void
  readonly preparer: Preparer | undefined
}

/** Makes the parts of a broker and shows each to those that need it. */
export function assemble(
  tiers: readonly Tier[],
  { policy, logger, maxConcurrent, emergency, pressure }: BrokerSettings,
  preparer: Preparer | undefined,
  readMemory: () => HostMemory,
): Services {
  const blocks = new BlockList(emergency.stateFile === undefined ? undefined : new BlockState(emergency.stateFile))
  const byId = tiersById(tiers)
  const traits = new Map(Array.from(byId, ([id, tier]): [TierId, Tier['traits']] => [id, tier.traits]))
  const events = eventsOf(tiers, logger)
  const ticker = new Ticker()
  const tally = new Tally()
  const programs = new Set<ProgramVersion>()
  const sessions = new Set<LiveSession>()
  const candidates = new Set<WarmStock>()
  const supervision = { ticker, logger, onMemory: toldOf(events, logger) }
  const onEnded = (subject: Subject, receipt: Execution): void => quarantine?.observe(subject, receipt)
  const executions = new Executions(supervision, events, tally, onEnded)
  const killSwitch = new KillSwitch(blocks, executions, [programs, sessions, candidates], logger)
  const quarantine =
    emergency.quarantine &&
    new Quarantine(emergency.quarantine, killSwitch, (event) => events.emit('quarantined', event))
  const onChange = (event: PressureEvent): void => events.emit('pressure', event)
  const relief = new Relief({ executions, programs, sessions, tiers, logger, onChange })
  const monitor = new PressureMonitor(readMemory, pressure, (change) => relief.onChange(change, monitor))
  const reservations = new Reservations(
    { room: () => monitor.cgroupRoomBytes, held: () => executions.heldBytes() },
    pressure.overcommit,
  )
  return {
    logger,
    basis: { policy, tiers: byId, traits },
    admission: new Admission(maxConcurrent, monitor, reservations),
    disposals: new Disposals(logger),
    events,
    executions,
    killSwitch,
    triggers: armTriggers(emergency, killSwitch),
    programs,
    sessions,
    candidates,
    tally,
    ticker,
    pressure: new PressureGauge(readMemory),
    monitor,
    relief,
    preparer,
    onAudit: auditOf(events, logger),
  }
}

function auditOf(events: Events, logger: Logger): (event: AuditEvent) => void {
  return (event) => {
    if (event.kind === 'fetch') logger.debug(event, 'A guest fetched')
    else logger.warn(event, 'A guest called a host function with wrong arguments')
    events.emit('audit', event)
  }
}

function toldOf(events: Events, logger: Logger): (event: MemoryEvent) => void {
  return (event) => {
    logger.warn(event, 'A guest passed 80 % of its memory limit')
    events.emit('memory', event)
  }
}

function eventsOf(tiers: readonly Tier[], logger: Logger): Events {
  const events = new Events(logger)
  for (const tier of tiers) {
    tier.watchLosses?.(({ threadId }) => {
      const event = { tier: tier.id, ...(threadId !== undefined && { threadId }) }
      logger.error(event, 'A thread cannot be ended and is given up: its guest runs until this process ends')
      events.emit('lost', event)
    })
  }
  return events
}
