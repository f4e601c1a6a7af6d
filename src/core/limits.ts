import type { Limits, LogEntry, TrustLevel } from './types.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/** Every limit there is, in the order in which tables show them. */
export const LIMIT_NAMES: readonly (keyof Limits)[] = [
  'wallMs',
  'cpuMs',
  'memoryBytes',
  'outputBytes',
  'logBytes',
  'hostCalls',
  'idleMs',
  'sourceBytes',
  'inputBytes',
]

/**
 * What a limit may be set to, by anyone: whole numbers within these bounds. isolated-vm takes no heap below 8 MB, a
 * timer no delay above 2^31 - 1 ms, and a text that crosses a wall has to fit into one V8 string.
 */
export const LIMIT_BOUNDS: Readonly<Record<keyof Limits, { readonly min: number; readonly max: number }>> = {
  wallMs: { min: 1, max: 24 * 60 * 60 * 1000 },
  cpuMs: { min: 1, max: 24 * 60 * 60 * 1000 },
  memoryBytes: { min: 8 * MIB, max: 64 * GIB },
  outputBytes: { min: 1, max: 256 * MIB },
  logBytes: { min: 1, max: 256 * MIB },
  hostCalls: { min: 1, max: 1_000_000_000 },
  idleMs: { min: 1, max: 24 * 60 * 60 * 1000 },
  sourceBytes: { min: 1, max: 256 * MIB },
  inputBytes: { min: 1, max: 256 * MIB },
}

const UNTRUSTED_LIMITS: Limits = {
  wallMs: 1000,
  cpuMs: 500,
  memoryBytes: 64 * MIB,
  outputBytes: MIB,
  logBytes: 64 * KIB,
  hostCalls: 1000,
  idleMs: 1000,
  sourceBytes: MIB,
  inputBytes: 4 * MIB,
}

/** The limits of each trust level where neither the operator's policy nor the caller says otherwise. */
export const DEFAULT_LIMITS: Readonly<Record<TrustLevel, Limits>> = {
  trusted: {
    wallMs: 30_000,
    cpuMs: 30_000,
    memoryBytes: 512 * MIB,
    outputBytes: 64 * MIB,
    logBytes: MIB,
    hostCalls: 100_000,
    idleMs: 30_000,
    sourceBytes: 16 * MIB,
    inputBytes: 64 * MIB,
  },
  limited: {
    wallMs: 5000,
    cpuMs: 2000,
    memoryBytes: 128 * MIB,
    outputBytes: 8 * MIB,
    logBytes: 256 * KIB,
    hostCalls: 10_000,
    idleMs: 5000,
    sourceBytes: 4 * MIB,
    inputBytes: 16 * MIB,
  },
  untrusted: UNTRUSTED_LIMITS,
  hostile: { ...UNTRUSTED_LIMITS, hostCalls: 100 },
}

/** Tells a limit's name from any other text. */
export function isLimitName(name: string): name is keyof Limits {
  return LIMIT_NAMES.some((known) => known === name)
}

/** Says what is wrong with a value for this limit, or nothing when it is a whole number within the bounds. */
export function limitProblem(name: keyof Limits, value: unknown): string | undefined {
  const { min, max } = LIMIT_BOUNDS[name]
  if (typeof value !== 'number') return `must be a number, received ${typeof value}`
  if (!Number.isInteger(value)) return `must be a whole number, received ${value}`
  if (value < min) return `must be at least ${min}, received ${value}`
  if (value > max) return `must be at most ${max}, received ${value}`
  return undefined
}

/** Takes the lower of both for every limit: asking can tighten, never loosen. */
export function lowerLimits(base: Limits, requested: Partial<Limits>): Limits {
  return eachLimit((name) => Math.min(base[name], requested[name] ?? Number.POSITIVE_INFINITY))
}

/** Takes the given limits, and those of `base` for what is not given. */
export function overrideLimits(base: Limits, given: { readonly [name in keyof Limits]?: number | undefined }): Limits {
  return eachLimit((name) => given[name] ?? base[name])
}

function eachLimit(valueOf: (name: keyof Limits) => number): Limits {
  return {
    wallMs: valueOf('wallMs'),
    cpuMs: valueOf('cpuMs'),
    memoryBytes: valueOf('memoryBytes'),
    outputBytes: valueOf('outputBytes'),
    logBytes: valueOf('logBytes'),
    hostCalls: valueOf('hostCalls'),
    idleMs: valueOf('idleMs'),
    sourceBytes: valueOf('sourceBytes'),
    inputBytes: valueOf('inputBytes'),
  }
}

/** Every line counts as ended by one, so that lines without text are not free. */
const LINE_BREAK = 1

/** What a line of a guest's console counts against the limit of log bytes. */
export const logBytesOf = ({ text }: LogEntry): number => Buffer.byteLength(text) + LINE_BREAK
