import { z } from 'zod'
import { RingfenceError } from '../core/errors.ts'
import type { CheckedOptions } from '../program/prepare-options.ts'
import { hashOf, type PreparedData } from '../program/program-data.ts'

/** Asks for a program to be prepared; its source travels as the text. */
export interface PrepareOrder {
  readonly job: number
  readonly options: CheckedOptions
}

/** Answers an order; what became of the source travels as JSON. Job 0 says that the process is ready. */
export interface PrepareReply {
  readonly job: number
}

/** Reads which job an answer is for. Throws `RF_PROTOCOL_VIOLATION`. */
export const parseReply = (head: unknown): number => {
  const job: unknown = typeof head === 'object' && head !== null && 'job' in head ? head.job : undefined
  if (typeof job === 'number' && Number.isSafeInteger(job)) return job
  throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot accept a message from the preparer: it names no job')
}

/**
 * Reads what became of a source. The compiler runs our code on a guest's text, so its answer is taken as ours; should a text
 * have taken it over, that harms those who share it, and scripts for a realm tier come only from compilers that untrusted
 * text never meets.
 */
export const parsePrepared = (text: string): PreparedData => {
  const value: unknown = JSON.parse(text)
  if (isPrepared(value)) return value
  throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot accept a message from the preparer: it is no program')
}

const isPrepared = (value: unknown): value is PreparedData => shape.safeParse(value).success

const shape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ready'),
    program: z
      .object({
        hash: z.string(),
        script: z.string(),
        filename: z.string(),
        kind: z.enum(['module', 'commonjs', 'script', 'fragment']),
        moduleNames: z.array(z.string()),
        placements: z.array(
          z.object({
            name: z.string(),
            firstLine: z.int(),
            lines: z.int(),
            maps: z.array(z.object({ mappings: z.string() })),
          }),
        ),
      })
      // ATTACK: a compiler in a guest's hands gives its program the name of another, has that one quarantined, or kills it.
      .refine(({ hash, script }) => hash === hashOf(script)),
  }),
  z.object({ kind: z.literal('invalid'), error: z.object({ name: z.string(), message: z.string() }) }),
  z.object({ kind: z.literal('refused'), specifier: z.string(), reason: z.string() }),
])
