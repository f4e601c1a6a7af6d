import type { TrustLevel } from '../core/types.ts'
import type { PressureOptions } from './options.ts'
import type { HostMemory } from './pressure.ts'

/** From the lightest to the heaviest. */
export const PRESSURE_LEVELS = ['none', 'high', 'critical', 'emergency'] as const
export type PressureLevel = (typeof PRESSURE_LEVELS)[number]
export type PressureMeasure = 'heap' | 'resident' | 'cgroup' | 'eventLoop'

/** How hard pressed the host is, and what says so. */
export interface Pressure {
  readonly level: PressureLevel
  /** What stands highest against its limit. */
  readonly measure: PressureMeasure
  /** Bytes; for `eventLoop`, milliseconds. */
  readonly value: number
  readonly limit: number
}

/** What somebody who wants to run asks for. */
export interface Demand {
  readonly trust: TrustLevel
  readonly memoryBytes: number
  /** What the place it runs in takes before anything runs there; zero when that stands already. */
  readonly placeBytes?: number
}

/** A level that was reached is left only when the measure is this much of its limit below, so that none comes and goes. */
const SLACK = 0.03
const MIB = 2 ** 20
/** So much is always kept free: a guest takes it up while somebody looks away. In a small cgroup, no more than a tenth. */
const RESERVE_BYTES = 24 * MIB
const RESERVE_SHARE = 0.1

/** Whether one level is at least as hard as another. */
export function isPressedAtLeast(level: PressureLevel, other: PressureLevel): boolean {
  return PRESSURE_LEVELS.indexOf(level) >= PRESSURE_LEVELS.indexOf(other)
}

/** The share of the limit. */
export function shareOf({ value, limit }: Pick<Pressure, 'value' | 'limit'>): number {
  return value / limit
}

/**
 * Judges a reading. `lateMs` is by how much the event loop was late each of the last times, at least: it makes the
 * pressure `high` and never more, since who computes for long is not who takes memory.
 */
export function judge(memory: HostMemory, lateMs: number, before: PressureLevel, options: PressureOptions): Pressure {
  const tightest = measuresOf(memory).reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a))
  const share = shareOf(tightest)
  const reached = (['emergency', 'critical', 'high'] as const).find(
    (level) => share >= thresholdOf(level, tightest, options) - (isPressedAtLeast(before, level) ? SLACK : 0),
  )
  if (reached !== undefined) return { level: reached, ...tightest }
  const limit = options.eventLoopDelayMs
  if (lateMs >= limit) return { level: 'high', measure: 'eventLoop', value: lateMs, limit }
  return { level: 'none', ...tightest }
}

/** A threshold of one is never reached: there the kernel is. */
function thresholdOf(level: Exclude<PressureLevel, 'none'>, { limit }: Measured, options: PressureOptions): number {
  const share = options[level]
  return share === 1 ? Infinity : Math.min(share, 1 - Math.min(RESERVE_BYTES / limit, RESERVE_SHARE))
}

function measuresOf(memory: HostMemory): readonly [Measured, ...Measured[]] {
  const { heapUsedBytes, heapLimitBytes, residentBytes, machineBytes, cgroup } = memory
  const own: readonly [Measured, Measured] = [
    { measure: 'heap', value: heapUsedBytes, limit: heapLimitBytes },
    { measure: 'resident', value: residentBytes, limit: machineBytes },
  ]
  return cgroup === undefined ? own : [...own, { measure: 'cgroup', value: cgroup.usedBytes, limit: cgroup.limitBytes }]
}

type Measured = Omit<Pressure, 'level'>

/** How many bytes are left until the pressure is critical; none by the measure of the event loop. */
export function roomBytes({ measure, value, limit }: Pressure, { critical }: PressureOptions): number {
  return measure === 'eventLoop' ? 0 : Math.max(0, limit * critical - value)
}

/** How much of the room that is left one guest may ask for. Trusted code is what the host is there for. */
const SHARES: Readonly<Record<TrustLevel, number>> = {
  trusted: Infinity,
  limited: Infinity,
  untrusted: 1 / 2,
  hostile: 1 / 4,
}

/**
 * Whether somebody may come in now: the least trusted and the largest are the first to be kept out. At `high` they wait,
 * since it may pass; from `critical` on all but trusted code is turned away.
 */
export function admit({ trust, memoryBytes }: Demand, level: PressureLevel, room: number): 'admit' | 'wait' | 'refuse' {
  if (level === 'none' || trust === 'trusted') return 'admit'
  if (level !== 'high') return 'refuse'
  return SHARES[trust] === Infinity || memoryBytes <= room * SHARES[trust] ? 'admit' : 'wait'
}

/** Says it in a sentence, with the value and the limit. */
export function describePressure(pressure: Pressure): string {
  const { measure, value, limit } = pressure
  if (measure === 'eventLoop') return `its event loop is ${Math.round(value)} ms late, and the limit is ${limit} ms`
  const [used, allowed] = [value, limit].map((bytes) => `${(bytes / MIB).toFixed(0)} MiB`)
  return `${NAMES[measure]} is ${used} of ${allowed} (${(shareOf(pressure) * 100).toFixed(0)} %)`
}

const NAMES = { heap: 'its heap', resident: 'its resident memory', cgroup: 'the memory of its cgroup' } as const
