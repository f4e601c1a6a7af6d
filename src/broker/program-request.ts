import { isLimitName, LIMIT_NAMES, limitProblem } from '../core/limits.ts'
import { TRUST_LEVELS } from '../core/trust.ts'
import type { Limits, TierId, TrustLevel, Workload } from '../core/types.ts'
import { DEFAULT_TENANT } from '../policy/facts.ts'
import type { ProgramKind } from '../program/kind.ts'
import { readSourceMap, type TextOrigin } from '../program/source-map.ts'
import { fetchDefinition } from './fetch-definition.ts'
import { parseFunctions } from './function-specs.ts'
import type { HostFunctionDefinition } from './host-functions.ts'
import { TIER_IDS } from './scope.ts'
import { described, expectKnownKeys, expectOneOf, expectRecord, expectText, isRecord } from './shape.ts'

const WORKLOADS = ['light', 'cpu'] as const satisfies readonly Workload[]
const KINDS = ['module', 'commonjs', 'script'] as const

/** The module through which a guest imports the functions passed as `functions`. */
const HOST = 'host'

/** Asks for the modules of Node that need nothing but the language. */
const NODE = 'node'

/** The options that say something of a program, and not of one call. */
export const PROGRAM_KEYS: readonly string[] = [
  'trust',
  'workload',
  'tier',
  'filename',
  'kind',
  'modules',
  'sourceMap',
  'functions',
  'fetch',
  'limits',
  'tenant',
]

/** What the caller said about a program, read once. */
export interface ProgramRequest {
  readonly trust: TrustLevel
  readonly workload?: Workload | undefined
  readonly tier?: TierId | undefined
  readonly filename?: string | undefined
  readonly kind?: ProgramKind | undefined
  /** Modules passed as text. */
  readonly modules: Readonly<Record<string, string>>
  /** Whether modules of Node are offered. */
  readonly node: boolean
  /** What the text was made from, when the caller has said so. */
  readonly origin?: TextOrigin | undefined
  readonly hostModules: readonly string[]
  readonly definitions: readonly HostFunctionDefinition[]
  readonly limits?: Partial<Limits> | undefined
  readonly tenant: string
}

/** Reads what the options say of the program. Keys are checked by the caller, who knows which others there may be. */
export function parseProgramRequest(
  options: Readonly<Record<string, unknown>>,
  trust: TrustLevel,
  attempt: string,
): ProgramRequest {
  const given = <T>(name: string, read: (value: unknown, name: string) => T): T | undefined =>
    options[name] === undefined ? undefined : read(options[name], `"${name}"`)
  const lent = new Map<string, readonly HostFunctionDefinition[]>()
  const functions = given('functions', (value) => parseFunctions(value, HOST, attempt))
  if (functions !== undefined) lent.set(HOST, functions)
  const { node, record } = splitModules(options['modules'], attempt)
  const modules = record === undefined ? {} : parseModules(record, lent, attempt)
  return {
    trust: given('trust', (value, name) => expectOneOf(value, TRUST_LEVELS, name, attempt)) ?? trust,
    workload: given('workload', (value, name) => expectOneOf(value, WORKLOADS, name, attempt)),
    tier: given('tier', (value, name) => expectOneOf(value, TIER_IDS, name, attempt)),
    filename: given('filename', (value, name) => expectText(value, name, attempt)),
    kind: given('kind', (value, name) => expectOneOf(value, KINDS, name, attempt)),
    modules,
    node,
    origin: given('sourceMap', (value) => parseSourceMap(value, attempt)),
    hostModules: [...lent.keys()],
    definitions: [...lent.values(), given('fetch', (value) => [fetchDefinition(value, attempt)]) ?? []].flat(),
    limits: given('limits', (value) => parseLimits(value, LIMIT_NAMES, attempt)),
    tenant: given('tenant', (value, name) => expectText(value, name, attempt)) ?? DEFAULT_TENANT,
  }
}

function parseSourceMap(value: unknown, attempt: string): TextOrigin {
  if (typeof value !== 'string') {
    throw new TypeError(`${attempt}: "sourceMap" must be a string, received ${described(value)}`)
  }
  const map = readSourceMap(value)
  if (typeof map === 'string') throw new TypeError(`${attempt}: "sourceMap" must be a source map: ${map}`)
  return map
}

/** Reads limits: known names, whole numbers within the bounds of each. */
export function parseLimits(value: unknown, names: readonly (keyof Limits)[], attempt: string): Partial<Limits> {
  const record = expectRecord(value, '"limits"', attempt)
  expectKnownKeys(record, names, '"limits"', attempt)
  const limits: { -readonly [Name in keyof Limits]?: number } = {}
  for (const [name, limit] of Object.entries(record)) {
    if (limit === undefined || !isLimitName(name)) continue
    if (typeof limit !== 'number') {
      throw new TypeError(`${attempt}: limit "${name}" must be a number, received ${described(limit)}`)
    }
    const problem = limitProblem(name, limit)
    if (problem !== undefined) throw new RangeError(`${attempt}: limit "${name}" ${problem}`)
    limits[name] = limit
  }
  return limits
}

/** Reads `'node'`, a record of modules, or both as a list. */
function splitModules(value: unknown, attempt: string): { readonly node: boolean; readonly record: unknown } {
  if (value === NODE) return { node: true, record: undefined }
  if (typeof value === 'string') expectOneOf(value, [NODE], '"modules"', attempt)
  if (!Array.isArray(value)) return { node: false, record: value }
  const given: readonly unknown[] = value
  const [word, record, ...more] = given
  if (word === NODE && more.length === 0) return { node: true, record }
  throw new TypeError(`${attempt}: "modules" must be an object, "node" or ["node", an object], received another list`)
}

/** Takes the modules passed as text, and adds those of functions to `lent`. */
function parseModules(
  value: unknown,
  lent: Map<string, readonly HostFunctionDefinition[]>,
  attempt: string,
): Readonly<Record<string, string>> {
  const texts: [string, string][] = []
  for (const [name, module] of Object.entries(expectRecord(value, '"modules"', attempt))) {
    if (name === '') throw new RangeError(`${attempt}: the name of a module must not be empty`)
    if (lent.has(name)) {
      throw new RangeError(`${attempt}: module "${name}" is already made of "functions" and cannot be given twice`)
    }
    if (typeof module === 'string') {
      texts.push([name, module])
      continue
    }
    if (!isRecord(module)) {
      throw new TypeError(
        `${attempt}: module "${name}" must be source text or an object, received ${described(module)}`,
      )
    }
    expectKnownKeys(module, ['functions'], `module "${name}"`, attempt)
    lent.set(name, parseFunctions(module['functions'], name, attempt))
  }
  return Object.fromEntries(texts)
}
