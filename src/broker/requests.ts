import { encode } from '../core/codec.ts'
import { RingfenceError } from '../core/errors.ts'
import { LIMIT_NAMES } from '../core/limits.ts'
import type { Data, Limits, TrustLevel } from '../core/types.ts'
import { InputSource, isAsyncIterable } from './input-source.ts'
import type { PoolOptions, SessionLimits } from './options.ts'
import { parsePool } from './pool-options.ts'
import { PROGRAM_KEYS, type ProgramRequest, parseLimits, parseProgramRequest } from './program-request.ts'
import { messageOf } from './receipt.ts'
import { parseSessionLimits } from './session-usage.ts'
import { described, expectKnownKeys, expectRecord, expectSignal, expectText } from './shape.ts'

const RUN_KEYS = [...PROGRAM_KEYS, 'input', 'export', 'signal']
const LOAD_KEYS = [...PROGRAM_KEYS, 'pool', 'signal']
const OPEN_KEYS = [...PROGRAM_KEYS, 'session', 'signal']
const REPLACE_KEYS = ['filename', 'kind', 'sourceMap', 'modules', 'handOver', 'signal']
const EVALUATE_KEYS = ['filename', 'signal', 'limits']
const CALL_KEYS = ['export', 'signal', 'limits']
const CALL_LIMITS = LIMIT_NAMES.filter((name) => name !== 'sourceBytes')
const DEFAULT_EXPORT = 'default'

/** What the caller said about one call, read once. */
export interface CallRequest {
  readonly exportName: string
  readonly signal: AbortSignal | undefined
  readonly limits: Partial<Limits> | undefined
}

const PLAIN_CALL: CallRequest = { exportName: DEFAULT_EXPORT, signal: undefined, limits: undefined }

/** What the caller said about a run. */
export interface RunRequest {
  readonly program: ProgramRequest
  readonly call: CallRequest
  readonly given: Given
}

/** What a guest is given. */
export interface Given {
  /** Encoded. */
  readonly input: string
  /** Present where the guest reads its input item by item. */
  readonly source?: InputSource
}

/** What the caller said about a program to be loaded. */
export interface LoadRequest {
  readonly program: ProgramRequest
  readonly pool: PoolOptions
  readonly signal: AbortSignal | undefined
}

/** Reads the source of a program. */
export function parseSource(value: unknown, attempt: string): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${attempt}: the source must be a string, received ${typeof value}`)
}

/** Reads the options of `run`, `start` and `explain`. */
export function parseRun(value: unknown, trust: TrustLevel, attempt: string): RunRequest {
  const options = expectRecord(value, 'the options', attempt)
  expectKnownKeys(options, RUN_KEYS, 'the options', attempt)
  return {
    program: parseProgramRequest(options, trust, attempt),
    call: { ...parseCallOf(options, attempt), limits: undefined },
    given: parseInput(options['input'], attempt),
  }
}

/** Reads the options of `load`. */
export function parseLoad(value: unknown, trust: TrustLevel, pool: PoolOptions, attempt: string): LoadRequest {
  const options = expectRecord(value, 'the options', attempt)
  expectKnownKeys(options, LOAD_KEYS, 'the options', attempt)
  return {
    program: parseProgramRequest(options, trust, attempt),
    pool: options['pool'] === undefined ? pool : parsePool(options['pool'], pool, attempt),
    signal: signalOf(options, attempt),
  }
}

/** Reads the options of one warm call. */
export function parseCall(value: unknown, attempt: string): CallRequest {
  if (value === undefined) return PLAIN_CALL
  const options = expectRecord(value, 'the options', attempt)
  expectKnownKeys(options, CALL_KEYS, 'the options', attempt)
  const { limits } = options
  return {
    ...parseCallOf(options, attempt),
    limits: limits === undefined ? undefined : parseLimits(limits, CALL_LIMITS, attempt),
  }
}

/** What the caller said about a session to be opened. */
export interface OpenRequest {
  readonly program: ProgramRequest
  readonly limits: SessionLimits
  readonly signal: AbortSignal | undefined
}

/** Reads the options of `open`. */
export function parseOpen(value: unknown, trust: TrustLevel, attempt: string): OpenRequest {
  const options = expectRecord(value, 'the options', attempt)
  expectKnownKeys(options, OPEN_KEYS, 'the options', attempt)
  return {
    program: parseProgramRequest(options, trust, attempt),
    limits: parseSessionLimits(options['session'], attempt),
    signal: signalOf(options, attempt),
  }
}

/** What the caller said about a new version. */
export interface ReplaceRequest {
  /** Where it differs from the version before. */
  readonly changes: Partial<ProgramRequest>
  readonly handsOver: boolean
  readonly signal: AbortSignal | undefined
}

/** Reads the options of `replace`. */
export function parseReplace(value: unknown, { trust, hostModules }: ProgramRequest, attempt: string): ReplaceRequest {
  const options = expectRecord(value ?? {}, 'the options', attempt)
  expectKnownKeys(options, REPLACE_KEYS, 'the options', attempt)
  const { handOver = true } = options
  if (typeof handOver !== 'boolean') {
    throw new TypeError(`${attempt}: "handOver" must be a boolean, received ${described(handOver)}`)
  }
  const { filename, kind, modules, origin, hostModules: lent } = parseProgramRequest(options, trust, attempt)
  const functions = lent[0] ?? hostModules.find((name) => Object.hasOwn(modules, name))
  if (functions !== undefined) {
    throw new TypeError(`${attempt}: module "${functions}" is or was made of functions, which cannot be replaced`)
  }
  return {
    changes: {
      origin,
      ...(filename !== undefined && { filename }),
      ...(kind !== undefined && { kind }),
      ...(options['modules'] !== undefined && { modules }),
    },
    handsOver: handOver,
    signal: signalOf(options, attempt),
  }
}

/** What the caller said about a text to be evaluated. */
export interface EvaluateRequest extends Omit<CallRequest, 'exportName'> {
  readonly filename: string | undefined
}

/** Reads the options of `evaluate`. */
export function parseEvaluate(value: unknown, attempt: string): EvaluateRequest {
  const options = expectRecord(value ?? {}, 'the options', attempt)
  expectKnownKeys(options, EVALUATE_KEYS, 'the options', attempt)
  const { limits, filename } = options
  return {
    filename: filename === undefined ? undefined : expectText(filename, '"filename"', attempt),
    signal: signalOf(options, attempt),
    limits: limits === undefined ? undefined : parseLimits(limits, CALL_LIMITS, attempt),
  }
}

/** Reads the name of an export. */
export function parseExportName(value: unknown, attempt: string): string {
  const name = expectText(value, '"export"', attempt)
  // ATTACK: an export called "\0evaluate" would have a session evaluate its input.
  if (/\p{Cc}/u.test(name)) throw new RangeError(`${attempt}: "export" must not hold control characters`)
  return name
}

/** Reads what a guest is given: an async iterable is read item by item, when the guest asks; all else is data. */
export function parseInput(input: Data, attempt: string): Given {
  if (isAsyncIterable(input)) return { input: encode(undefined), source: new InputSource(input) }
  return { input: encodeInput(input, attempt) }
}

/** Encodes what a guest is given. A value that means nothing outside the host is the caller's mistake. */
function encodeInput(input: Data, attempt: string): string {
  try {
    return encode(input)
  } catch (cause) {
    const why = messageOf(cause)
    throw new RingfenceError('RF_DATA_NOT_CLONEABLE', `${attempt}: the input cannot cross a wall: ${why}`, { cause })
  }
}

function parseCallOf(options: Readonly<Record<string, unknown>>, attempt: string): Omit<CallRequest, 'limits'> {
  const name = options['export']
  return {
    exportName: name === undefined ? DEFAULT_EXPORT : parseExportName(name, attempt),
    signal: signalOf(options, attempt),
  }
}

function signalOf(options: Readonly<Record<string, unknown>>, attempt: string): AbortSignal | undefined {
  const { signal } = options
  return signal === undefined ? undefined : expectSignal(signal, '"signal"', attempt)
}
