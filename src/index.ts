import type { Broker } from './broker/broker.ts'
import { createBrokerOf } from './broker/create-broker.ts'
import type { BrokerOptions as CommonOptions } from './broker/options.ts'
import type { Bundle } from './bundle/bundle.ts'
import type { BundleOptions } from './bundle/bundle-options.ts'
import type { Tier } from './core/sandbox.ts'
import { type RuntimeVersions, securityGaps } from './core/security-releases.ts'
import type { JailChoice } from './jail/find-jail.ts'
import { DeadMan } from './tiers/dead-man.ts'
import { type DeadManOptions, parseDeadMan } from './tiers/dead-man-options.ts'
import type { Sharing } from './tiers/isolate/lease.ts'
import { isolateTier, type Placement } from './tiers/isolate/tier.ts'
import { compilerPool } from './tiers/preparer.ts'
import { type ProcessTierOptions, processTier } from './tiers/process/tier.ts'
import { runtimeVersions } from './tiers/runtime-versions.ts'
import { parseTierOptions } from './tiers/tier-options.ts'
import { vmTier } from './tiers/vm/tier.ts'
import { workerTier } from './tiers/worker/tier.ts'

export type { Broker, LoadedProgram, Running, RunningStream, Session, TierIsolation } from './broker/broker.ts'
export type {
  ArgumentMismatchEvent,
  AuditEvent,
  BrokerEvents,
  FetchEvent,
  LostEvent,
  MemoryEvent,
  PressureEvent,
  QuarantineEvent,
  SessionEvent,
} from './broker/events.ts'
export type { Block, BlockedBy } from './broker/kill-switch.ts'
export type {
  CallOptions,
  EvaluateOptions,
  HostFunctionSpec,
  HostModule,
  KillSignal,
  LoadOptions,
  Logger,
  ModuleRecord,
  OpenOptions,
  PoolOptions,
  PressureOptions,
  ProgramOptions,
  QuarantineOptions,
  ReplaceOptions,
  RunOptions,
  SessionCallOptions,
  SessionLimits,
} from './broker/options.ts'
export type { Kept, Replacement, ReplacementStage } from './broker/replacement.ts'
export type { SessionEnding } from './broker/session-ending.ts'
export type { SessionUsage } from './broker/session-usage.ts'
export type { BrokerStats } from './broker/stats.ts'
export type { RefusedImport } from './bundle/bounds.ts'
export type { Bundle } from './bundle/bundle.ts'
export type { BundleOptions } from './bundle/bundle-options.ts'
export type { BundlePart } from './bundle/parts.ts'
export { type ErrorCode, RingfenceError } from './core/errors.ts'
export type { IsolationReport, MissingLayer } from './core/isolation.ts'
export { DEFAULT_LIMITS } from './core/limits.ts'
export type { RuntimeVersions } from './core/security-releases.ts'
export type * from './core/types.ts'
export type { FetchOptions } from './host/fetch/grant.ts'
export { DEFAULT_POLICY } from './policy/default-policy.ts'
export { definePolicy } from './policy/define-policy.ts'
export type { PolicyDocument } from './policy/document.ts'
export { type Prepared, type PrepareOptions, type Program, type ProgramKind, prepare } from './program/prepare.ts'

/** What `createBroker` may be told. */
export interface BrokerOptions extends CommonOptions {
  /** Where the isolates of the isolate tier live; `process` when not given. */
  readonly isolate?: {
    readonly placement?: Placement
    /** The most processes kept for light work, and as many for CPU-heavy work; who needs one more waits. */
    readonly hosts?: number
    /** The jail of each of these processes: the strongest that works here when not given. */
    readonly jail?: JailChoice
    /** A control group delegated to this process, below which each of these processes gets one with a limit of memory. */
    readonly cgroup?: string
  }
  /** Who may share a process of the isolate tier, and a compiler; guests of one level of trust when not given. */
  readonly sharing?: Sharing
  /** How the children of the process tier are started. */
  readonly process?: ProcessTierOptions
  /**
   * Ends every child when this process does not get to its event loop for so long: it was stopped, or is stuck. Costs
   * one small process. That children end when this process does needs no option.
   */
  readonly deadMan?: DeadManOptions
}

/**
 * Makes a broker with all four tiers. Tiers start their threads and processes when first needed. The caller owns the
 * broker: disposing of it ends everything it started.
 *
 * Throws `TypeError` or `RangeError` for a wrong option, and `RF_BAD_POLICY` for a policy that cannot be used.
 */
export async function createBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { isolate, process, sharing, deadMan, ...common } = options
  const settings = parseTierOptions({ isolate, process, sharing })
  const tiers: readonly Tier[] = [
    vmTier(),
    isolateTier(settings.placement, settings.hosts),
    workerTier(),
    processTier(settings.process),
  ]
  const deadManOptions = parseDeadMan(deadMan)
  await using owned = new AsyncDisposableStack()
  const onLost = (): void => common.logger?.warn({}, 'The dead-man’s switch died and is replaced')
  const guardian = deadManOptions && owned.use(new DeadMan(deadManOptions, onLost))
  const broker = createBrokerOf(tiers, common, compilerPool(sharing), guardian)
  owned.move()
  for (const gap of inspectRuntime().gaps) common.logger?.warn({}, gap)
  return broker
}

/** What ringfence runs on, and what of it is behind a security release known when ringfence was built. */
export interface RuntimeReport extends RuntimeVersions {
  /** Sentences; none when all is well. */
  readonly gaps: readonly string[]
}

/** Looks at the running Node and isolated-vm. A broker with a logger warns of the same gaps when it is made. */
export function inspectRuntime(): RuntimeReport {
  const versions = runtimeVersions()
  return { ...versions, gaps: securityGaps(versions) }
}

/**
 * Makes one program of a file or a folder and its installed dependencies, which a guest could not load by itself. Runs none
 * of their code. Throws `RF_CANNOT_BUNDLE` with every place that is wrong, and `TypeError` for wrong options.
 */
export async function bundle(path: string, options: BundleOptions = {}): Promise<Bundle> {
  // Loaded when first needed: a host that never bundles does not wait for the bundler.
  const { makeBundle } = await import('./bundle/bundle.ts')
  return makeBundle(path, options)
}
