import { z } from 'zod'
import { TIER_IDS } from '../broker/scope.ts'
import { LIMIT_NAMES } from '../core/limits.ts'
import { TRUST_LEVELS } from '../core/trust.ts'
import { ROLES, type TokenRecord } from './roles.ts'
import type { FunctionRecord, InstanceSettings, Rate, VersionSettings, VersionSummary } from './words.ts'

const whole = z.number().int().nonnegative()
const limitNames = LIMIT_NAMES.filter((name) => name !== 'sourceBytes')
const limits = z.strictObject(
  Object.fromEntries(limitNames.map((name) => [name, z.number().int().positive().optional()])),
)

const instances: z.ZodType<InstanceSettings> = z.strictObject({
  mode: z.enum(['per-request', 'per-instance']),
  min: whole.max(64),
  max: whole.min(1).max(1024),
  calls: whole.min(1),
  idleMs: whole.min(1),
})

/** Variables of an environment. */
export const VARIABLES: z.ZodType<Readonly<Record<string, string>>> = z.record(
  z.string().regex(/^[A-Z_][A-Z0-9_]*$/i, 'must be letters, digits and underscores'),
  z.string(),
)

const LABELS = z
  .record(z.string().min(1).max(128), z.string().max(1024))
  .refine((labels) => Object.keys(labels).length <= 50, 'must be 50 at most')

/** The settings of a version, as they are deployed and as they are kept. */
export const VERSION_SETTINGS: z.ZodType<VersionSettings> = z.strictObject({
  trust: z.enum(TRUST_LEVELS),
  tier: z.enum(TIER_IDS).exactOptional(),
  handler: z.string().min(1).max(256).exactOptional(),
  modules: z.literal('node').exactOptional(),
  limits,
  environment: VARIABLES,
  fetch: z.looseObject({ hosts: z.array(z.string()) }).exactOptional(),
  instances,
  labels: LABELS.exactOptional(),
})

/** A version as it is kept beside its text. */
export const VERSION_SUMMARY: z.ZodType<VersionSummary> = z.strictObject({
  function: z.string(),
  number: whole,
  hash: z.string(),
  filename: z.string(),
  settings: VERSION_SETTINGS,
  createdAt: z.string(),
})

const alias = z.strictObject({
  version: whole,
  previous: whole.exactOptional(),
  weights: z.record(z.string(), z.number()).exactOptional(),
})

/** At most a million calls in at most a day. */
export const RATE: z.ZodType<Rate> = z.strictObject({
  calls: whole.min(1).max(1_000_000),
  seconds: whole.min(1).max(86_400),
})

/** A function as it is kept. */
export const FUNCTION_RECORD: z.ZodType<FunctionRecord> = z.strictObject({
  name: z.string(),
  tenant: z.string(),
  access: z.enum(['public', 'token']),
  concurrency: whole.exactOptional(),
  rate: RATE.exactOptional(),
  aliases: z.record(z.string(), alias),
  latest: whole,
  secrets: z.record(z.string(), z.string()),
  blocked: z.strictObject({ reason: z.string(), at: z.string() }).exactOptional(),
  createdAt: z.string(),
  changedAt: z.string(),
  revision: whole,
})

/** A token as it is kept. */
export const TOKEN_RECORD: z.ZodType<TokenRecord> = z.strictObject({
  id: z.string(),
  role: z.enum(ROLES),
  tenant: z.string().exactOptional(),
  note: z.string().exactOptional(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
})
