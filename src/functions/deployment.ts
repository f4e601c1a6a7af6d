import { createHash } from 'node:crypto'
import { z } from 'zod'
import { RingfenceError } from '../core/errors.ts'
import { RATE, VARIABLES, VERSION_SETTINGS } from './stored.ts'
import type { FunctionRecord, FunctionVersion, InstanceSettings, Rate, VersionSettings } from './words.ts'

/** What is deployed: a text, how it runs, and what is known of the function as a whole. */
export interface Deployment extends Partial<Omit<VersionSettings, 'instances'>> {
  readonly name: string
  /** JavaScript or TypeScript. */
  readonly source: string
  /** What errors call the text; its ending tells TypeScript from JavaScript. The name with `.ts` when not given. */
  readonly filename?: string
  readonly instances?: Partial<InstanceSettings>
  /** Who answers for it; `default` when not given. Never changes. */
  readonly tenant?: string
  readonly access?: FunctionRecord['access']
  readonly concurrency?: number
  /** How many calls may come in a window of time; `'none'` takes an earlier rate away. */
  readonly rate?: Rate | 'none'
  /** Values the environment has as well, kept sealed. An empty text takes a secret away. */
  readonly secrets?: Readonly<Record<string, string>>
}

/** A deployment with every default filled in. */
export interface CheckedDeployment {
  readonly name: string
  readonly source: string
  readonly filename: string
  readonly settings: VersionSettings
  readonly hash: string
  readonly tenant: string | undefined
  readonly access: FunctionRecord['access'] | undefined
  readonly concurrency: number | undefined
  readonly rate: Rate | 'none' | undefined
  readonly secrets: Readonly<Record<string, string>>
}

/** Names of functions and aliases: they stand in paths of URLs and in host names. */
export const NAME_PATTERN: RegExp = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/i

const DEPLOYMENT = z.strictObject({
  name: z.string().regex(NAME_PATTERN, 'must be letters, digits and inner hyphens, 64 at most'),
  source: z.string().min(1),
  filename: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'must be a file name without a folder')
    .exactOptional(),
  tenant: z.string().regex(NAME_PATTERN, 'must be letters, digits and inner hyphens, 64 at most').exactOptional(),
  access: z.enum(['public', 'token']).exactOptional(),
  concurrency: z.number().int().nonnegative().exactOptional(),
  rate: z.union([z.literal('none'), RATE]).exactOptional(),
  secrets: VARIABLES.exactOptional(),
  settings: VERSION_SETTINGS,
})

const DEFAULT_INSTANCES: InstanceSettings = { mode: 'per-instance', min: 0, max: 10, calls: 1000, idleMs: 60_000 }

/** Code of nobody's own starts anew for each call, so that no call sees what another left behind. */
const modeFor = (trust: unknown): InstanceSettings['mode'] =>
  trust === 'trusted' || trust === 'limited' ? 'per-instance' : 'per-request'

/** Checks a deployment. Throws `RF_BAD_DEPLOYMENT` with everything that is wrong. */
export function checkDeployment(given: unknown): CheckedDeployment {
  const record = z.looseObject({}).safeParse(given)
  if (!record.success) throw badDeployment('it must be an object')
  const { trust = 'untrusted', limits = {}, environment = {}, instances, ...more } = record.data
  const { tier, handler, modules, fetch, labels, ...whole } = more
  const settings = {
    trust,
    ...defined({ tier, handler, modules, fetch, labels }),
    limits,
    environment,
    instances: instancesOf(trust, instances),
  }
  const checked = DEPLOYMENT.safeParse({ ...defined(whole), settings })
  if (!checked.success) throw badDeployment(checked.error.issues.map(issueText).join('; '))
  const { name, source, filename = `${name}.ts`, tenant, access, concurrency, rate, secrets = {} } = checked.data
  const parsed = checked.data.settings
  const { min, max } = parsed.instances
  if (min > max) throw badDeployment(`"instances.min" must be at most "instances.max", received ${min} and ${max}`)
  return {
    name,
    source,
    filename,
    settings: parsed,
    hash: hashOf(source, filename, parsed),
    tenant,
    access,
    concurrency,
    rate,
    secrets,
  }
}

const defined = (record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

function instancesOf(trust: unknown, given: unknown = {}): unknown {
  const defaults = { ...DEFAULT_INSTANCES, mode: modeFor(trust) }
  const { data } = z.looseObject({}).safeParse(given)
  return data === undefined ? given : { ...defaults, ...data }
}

/** The same text with the same settings is the same version, wherever it is deployed. */
function hashOf(source: string, filename: string, settings: VersionSettings): string {
  const ordered = JSON.stringify(settings, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
  return createHash('sha256')
    .update(JSON.stringify([filename, ordered, source]))
    .digest('hex')
}

/** One thing that is wrong, and where. */
export const issueText = ({ path, message }: z.core.$ZodIssue): string => {
  const names = path.filter((part) => part !== 'settings')
  return names.length === 0 ? message : `"${names.join('.')}" ${message}`
}

/** A deployment that cannot be used, and why. */
export const badDeployment = (why: string, cause?: unknown): RingfenceError =>
  new RingfenceError('RF_BAD_DEPLOYMENT', `Cannot deploy function: ${why}`, { cause })

/** The version a deployment makes. */
export const versionOf = (
  { name, source, filename, settings, hash }: CheckedDeployment,
  number: number,
  createdAt: string,
): FunctionVersion => ({ function: name, number, hash, filename, source, settings, createdAt })
