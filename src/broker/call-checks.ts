import { LIMIT_NAMES } from '../core/limits.ts'
import type { Limits } from '../core/types.ts'
import type { SettledWork } from './executions.ts'

/** What becomes of a call that may not run. */
export function refused(reason: string): SettledWork {
  return { kind: 'settled', outcome: { kind: 'refused', reason } }
}

/** A higher limit is refused, not clamped, as policy does it: who asks for more would not notice less. */
export function weakening(limits: Limits, requested: Partial<Limits> = {}): string | undefined {
  const name = LIMIT_NAMES.find((one) => (requested[one] ?? 0) > limits[one])
  if (name === undefined) return undefined
  return `Limit "${name}" is at most ${limits[name]} for this program, and the caller asked for ${requested[name]}`
}

/** Says that an input is too large, if it is. */
export function oversize(input: string, { inputBytes }: Limits): string | undefined {
  if (input.length * 3 <= inputBytes) return undefined
  const bytes = Buffer.byteLength(input)
  return bytes > inputBytes ? `The input has ${bytes} bytes, and limit "inputBytes" is ${inputBytes}` : undefined
}
