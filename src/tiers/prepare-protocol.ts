import { RingfenceError } from '../core/errors.ts'
import type { CheckedOptions } from '../program/prepare-options.ts'
import type { PreparedData } from '../program/program-data.ts'

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

const isPrepared = (value: unknown): value is PreparedData =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  (value.kind === 'ready' || value.kind === 'invalid' || value.kind === 'refused')
