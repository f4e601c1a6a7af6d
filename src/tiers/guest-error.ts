import { RingfenceError } from '../core/errors.ts'
import type { GuestError } from '../core/types.ts'

/** Longer fields are cut: a far side in its guest's hands may send what the kernel's own caps would not. */
const MAX_FIELD = 16 * 1024

/** Parses a guest's error, which is three texts as JSON. Throws `RF_PROTOCOL_VIOLATION`. */
export const parseGuestError = (text: string): GuestError => {
  const fields = parseObject(text)
  const stack = fields['stack']
  return {
    name: fieldOf(fields['name'], 'Error'),
    message: fieldOf(fields['message'], ''),
    ...(typeof stack === 'string' && stack !== '' ? { stack: stack.slice(0, MAX_FIELD) } : {}),
  }
}

const fieldOf = (value: unknown, fallback: string): string =>
  typeof value === 'string' ? value.slice(0, MAX_FIELD) : fallback

const parseObject = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch (cause) {
    throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot read a guest error: it is not JSON', { cause })
  }
  throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot read a guest error: it is not an object')
}
