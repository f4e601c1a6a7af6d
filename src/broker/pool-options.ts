import { availableParallelism } from 'node:os'
import type { PoolOptions } from './options.ts'
import { expectKnownKeys, expectRecord, expectWhole } from './shape.ts'

const MIB = 1024 * 1024

/** How warm programs are kept unless somebody says otherwise. */
export const DEFAULT_POOL: PoolOptions = {
  min: 1,
  max: availableParallelism(),
  idleMs: 30_000,
  recycleCalls: 10_000,
  recycleGrowthBytes: 32 * MIB,
}

const LEAST: Readonly<Record<keyof PoolOptions, number>> = {
  min: 0,
  max: 1,
  idleMs: 0,
  recycleCalls: 1,
  recycleGrowthBytes: 0,
}

/** The longest delay a timer takes. */
const LONGEST_MS = 2 ** 31 - 1

/** Reads pool options over their defaults. */
export function parsePool(value: unknown, defaults: PoolOptions, attempt: string): PoolOptions {
  const record = expectRecord(value, '"pool"', attempt)
  expectKnownKeys(record, Object.keys(LEAST), '"pool"', attempt)
  const read = (name: keyof PoolOptions): number =>
    record[name] === undefined ? defaults[name] : expectWhole(record[name], LEAST[name], `"pool.${name}"`, attempt)
  const options: PoolOptions = {
    min: read('min'),
    max: record['max'] === undefined ? Math.max(defaults.max, read('min')) : read('max'),
    idleMs: read('idleMs'),
    recycleCalls: read('recycleCalls'),
    recycleGrowthBytes: read('recycleGrowthBytes'),
  }
  const { min, max, idleMs } = options
  if (min > max) throw new RangeError(`${attempt}: "pool.min" must be at most "pool.max", received ${min} and ${max}`)
  if (idleMs > LONGEST_MS) {
    throw new RangeError(`${attempt}: "pool.idleMs" must be at most ${LONGEST_MS}, received ${idleMs}`)
  }
  return options
}
