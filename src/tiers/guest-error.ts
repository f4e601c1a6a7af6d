import { decode } from '../core/codec.ts'
import { RingfenceError } from '../core/errors.ts'
import type { Data, GuestError } from '../core/types.ts'

/** Longer fields are cut: a far side in its guest's hands may send what the kernel's own caps would not. */
const MAX_FIELD = 16 * 1024
/** More errors than this are dropped, and those further than this from the one that was thrown. */
const MAX_ERRORS = 32
const MAX_DEPTH = 10

/** Parses a guest's error, which is JSON made by the kernel. Throws `RF_PROTOCOL_VIOLATION`. */
export const parseGuestError = (text: string): GuestError => {
  const room = { errors: MAX_ERRORS }
  const error = errorOf(parseJson(text), 0, room)
  if (error !== undefined) return error
  throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot read a guest error: it is not an object')
}

const errorOf = (value: unknown, depth: number, room: { errors: number }): GuestError | undefined => {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || room.errors <= 0) return undefined
  room.errors -= 1
  const { name, message, stack, code, data, cause, errors }: Partial<Record<keyof GuestError, unknown>> = { ...value }
  const further = cause === undefined ? undefined : errorOf(cause, depth + 1, room)
  return {
    name: fieldOf(name, 'Error'),
    message: fieldOf(message, ''),
    ...(typeof stack === 'string' && stack !== '' && { stack: stack.slice(0, MAX_FIELD) }),
    ...(typeof code === 'number' && { code }),
    ...(typeof code === 'string' && { code: code.slice(0, MAX_FIELD) }),
    ...(typeof data === 'string' && { data: dataOf(data) }),
    ...(further !== undefined && { cause: further }),
    ...(Array.isArray(errors) && { errors: errors.flatMap((one) => errorOf(one, depth + 1, room) ?? []) }),
  }
}

const fieldOf = (value: unknown, fallback: string): string =>
  typeof value === 'string' ? value.slice(0, MAX_FIELD) : fallback

const dataOf = (text: string): Readonly<Record<string, Data>> => {
  const value = text.length > MAX_FIELD ? undefined : decode(text)
  if (typeof value === 'object' && value !== null) return { ...value }
  throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot read a guest error: its data is not an object')
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot read a guest error: it is not JSON', { cause })
  }
}
