import type { PressureOptions } from './options.ts'
import { expectKnownKeys, expectRecord, expectWhole } from './shape.ts'

/** Near enough to the limit to leave an idle host alone, far enough to act before the kernel does. */
export const DEFAULT_PRESSURE: PressureOptions = {
  high: 0.85,
  critical: 0.92,
  emergency: 0.97,
  eventLoopDelayMs: 1000,
  patienceMs: 1000,
  overcommit: 4,
}

const SHARES = ['high', 'critical', 'emergency'] as const
const LONGEST_MS = 24 * 60 * 60 * 1000

/** Reads pressure options over their defaults. */
export function parsePressure(value: unknown, attempt: string): PressureOptions {
  const record = expectRecord(value, '"pressure"', attempt)
  expectKnownKeys(record, Object.keys(DEFAULT_PRESSURE), '"pressure"', attempt)
  const share = (name: (typeof SHARES)[number]): number =>
    record[name] === undefined ? DEFAULT_PRESSURE[name] : expectShare(record[name], `"pressure.${name}"`, attempt)
  const ms = (name: 'eventLoopDelayMs' | 'patienceMs', min: number): number =>
    record[name] === undefined ? DEFAULT_PRESSURE[name] : expectMs(record[name], min, `"pressure.${name}"`, attempt)
  const options: PressureOptions = {
    high: share('high'),
    critical: share('critical'),
    emergency: share('emergency'),
    eventLoopDelayMs: ms('eventLoopDelayMs', 1),
    patienceMs: ms('patienceMs', 0),
    overcommit:
      record['overcommit'] === undefined ? DEFAULT_PRESSURE.overcommit : expectFactor(record['overcommit'], attempt),
  }
  const { high, critical, emergency } = options
  if (high <= critical && critical <= emergency) return options
  throw new RangeError(
    `${attempt}: "pressure.high", "critical" and "emergency" must not fall, received ${high}, ${critical} and ${emergency}`,
  )
}

function expectShare(value: unknown, name: string, attempt: string): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${attempt}: ${name} must be a number, received ${typeof value}`)
  }
  if (value > 0 && value <= 1) return value
  throw new RangeError(`${attempt}: ${name} must be above 0 and at most 1, received ${value}`)
}

function expectFactor(value: unknown, attempt: string): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${attempt}: "pressure.overcommit" must be a number, received ${typeof value}`)
  }
  if (value > 0) return value
  throw new RangeError(`${attempt}: "pressure.overcommit" must be above 0, received ${value}`)
}

function expectMs(value: unknown, min: number, name: string, attempt: string): number {
  const ms = expectWhole(value, min, name, attempt)
  if (ms <= LONGEST_MS) return ms
  throw new RangeError(`${attempt}: ${name} must be at most ${LONGEST_MS}, received ${ms}`)
}
