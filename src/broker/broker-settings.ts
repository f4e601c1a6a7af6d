import { availableParallelism } from 'node:os'
import type { Tier } from '../core/sandbox.ts'
import { TRUST_LEVELS } from '../core/trust.ts'
import type { TierId, TrustLevel } from '../core/types.ts'
import { DEFAULT_POLICY, type Policy } from '../policy/default-policy.ts'
import { definePolicy } from '../policy/define-policy.ts'
import { EMERGENCY_KEYS, type EmergencySettings, parseEmergency } from './emergency-options.ts'
import type { Logger, PoolOptions, PressureOptions } from './options.ts'
import { DEFAULT_POOL, parsePool } from './pool-options.ts'
import { DEFAULT_PRESSURE, parsePressure } from './pressure-options.ts'
import { described, expectKnownKeys, expectOneOf, expectRecord, expectWhole, isRecord } from './shape.ts'

const ATTEMPT = 'Cannot create broker'
const KEYS = ['policy', 'logger', 'maxConcurrent', 'pool', 'pressure', 'trust', ...EMERGENCY_KEYS]
const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** Guests mostly wait for their carriers or for host functions, so more of them than cores may be under way. */
const GUESTS_PER_CORE = 8

/** The options of a broker with nothing left open. */
export interface BrokerSettings {
  readonly policy: Policy
  readonly logger: Logger
  readonly maxConcurrent: number
  readonly pool: PoolOptions
  readonly pressure: PressureOptions
  readonly trust: TrustLevel
  readonly emergency: EmergencySettings
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Reads the options of a broker. */
export function parseSettings(value: unknown): BrokerSettings {
  const options = expectRecord(value, 'the options', ATTEMPT)
  expectKnownKeys(options, KEYS, 'the options', ATTEMPT)
  const { policy, logger, maxConcurrent, pool, pressure, trust } = options
  return {
    policy: policy === undefined ? DEFAULT_POLICY : definePolicy(policy),
    logger: logger === undefined ? SILENT : expectLogger(logger),
    maxConcurrent:
      maxConcurrent === undefined
        ? availableParallelism() * GUESTS_PER_CORE
        : expectWhole(maxConcurrent, 1, '"maxConcurrent"', ATTEMPT),
    pool: pool === undefined ? DEFAULT_POOL : parsePool(pool, DEFAULT_POOL, ATTEMPT),
    pressure: pressure === undefined ? DEFAULT_PRESSURE : parsePressure(pressure, ATTEMPT),
    trust: trust === undefined ? 'untrusted' : expectOneOf(trust, TRUST_LEVELS, '"trust"', ATTEMPT),
    emergency: parseEmergency(options, ATTEMPT),
  }
}

/** Puts tiers where they are found by their id. */
export function tiersById(tiers: readonly Tier[]): ReadonlyMap<TierId, Tier> {
  const byId = new Map<TierId, Tier>()
  for (const tier of tiers) {
    if (byId.has(tier.id)) throw new RangeError(`${ATTEMPT}: there is more than one tier "${tier.id}"`)
    byId.set(tier.id, tier)
  }
  return byId
}

function expectLogger(value: unknown): Logger {
  if (isLogger(value)) return value
  throw new TypeError(`${ATTEMPT}: "logger" must have the methods ${LEVELS.join(', ')}, received ${described(value)}`)
}

function isLogger(value: unknown): value is Logger {
  return isRecord(value) && LEVELS.every((level) => typeof value[level] === 'function')
}
