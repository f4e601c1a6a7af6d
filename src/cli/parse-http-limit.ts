import { HTTP_LIMITS, type HttpLimits } from '../server/server.ts'
import { readLimit } from './parse-limit.ts'

const NAMES = Object.keys(HTTP_LIMITS)

/** Reads one `--http-limit name=value` and adds it to those already read. */
export function parseHttpLimit(text: string, previous: Partial<HttpLimits> = {}): Partial<HttpLimits> {
  return { ...previous, ...readLimit(text, NAMES, (_, value) => problemOf(value)) }
}

const problemOf = (value: number): string | undefined =>
  Number.isSafeInteger(value) && value > 0 ? undefined : 'must be a whole number above 0'
