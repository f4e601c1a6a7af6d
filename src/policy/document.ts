import { z } from 'zod'
import { ISOLATION_LEVELS } from '../core/isolation.ts'
import { limitProblem } from '../core/limits.ts'
import type { IsolationLevel, Limits, TierId, TrustLevel } from '../core/types.ts'
import { BOUNDARIES, type Boundary } from './boundary.ts'

/** What an operator may write for one trust level. What is left out keeps its default. */
export interface LevelDocument {
  /** The weakest wall this level may ever run behind. */
  readonly floor?: Boundary | undefined
  /** The least that the operating system must add to that wall. May be lower than the default, which then is accepted by name. */
  readonly isolation?: IsolationLevel | undefined
  /** Where code goes that answers soon, and where code goes that computes for long. */
  readonly light?: TierId | undefined
  readonly cpu?: TierId | undefined
  readonly limits?: { readonly [name in keyof Limits]?: number | undefined } | undefined
  /** The host functions a caller may lend: all of them, or those whose `module/function` fits a pattern (`*` is any text). */
  readonly functions?: 'all' | readonly string[] | undefined
  /** Whether `eval`, `Function` and its kin make code from strings, as in Node, or throw an EvalError. */
  readonly codeFromStrings?: 'allow' | 'refuse' | undefined
}

/** A policy as an operator writes it: plain data, so that it can come from a JSON file. */
export interface PolicyDocument {
  readonly levels?: { readonly [level in TrustLevel]?: LevelDocument | undefined } | undefined
}

const limitSchema = (name: keyof Limits): z.ZodType<number> =>
  z.custom<number>((value) => limitProblem(name, value) === undefined, {
    error: (issue) => limitProblem(name, issue.input) ?? 'is not a limit',
  })

const limitsSchema = z.strictObject({
  wallMs: limitSchema('wallMs').optional(),
  cpuMs: limitSchema('cpuMs').optional(),
  memoryBytes: limitSchema('memoryBytes').optional(),
  outputBytes: limitSchema('outputBytes').optional(),
  logBytes: limitSchema('logBytes').optional(),
  hostCalls: limitSchema('hostCalls').optional(),
  idleMs: limitSchema('idleMs').optional(),
  sourceBytes: limitSchema('sourceBytes').optional(),
  inputBytes: limitSchema('inputBytes').optional(),
})

const tierSchema = z.enum(['vm', 'isolate', 'worker', 'process'])
const patternSchema = z.string().regex(/^\S+$/)

const levelSchema = z.strictObject({
  floor: z.enum(BOUNDARIES).optional(),
  isolation: z.enum(ISOLATION_LEVELS).optional(),
  light: tierSchema.optional(),
  cpu: tierSchema.optional(),
  limits: limitsSchema.optional(),
  functions: z
    .union([z.literal('all'), z.array(patternSchema)], {
      error: 'must be "all" or a list of "module/function" patterns without spaces, "*" standing for any text',
    })
    .optional(),
  codeFromStrings: z.enum(['allow', 'refuse']).optional(),
})

/** The shape of a policy document. Whether it is strong enough is checked by `definePolicy`. */
export const policyDocumentSchema: z.ZodType<PolicyDocument> = z.strictObject({
  levels: z
    .strictObject({
      trusted: levelSchema.optional(),
      limited: levelSchema.optional(),
      untrusted: levelSchema.optional(),
      hostile: levelSchema.optional(),
    })
    .optional(),
})
