import { RingfenceError } from '../core/errors.ts'
import type { WebNeeds } from '../web/needs.ts'
import type { Part } from '../web/web-text.ts'
import type { ClockConfig } from './guest-clock.ts'

/** Raised when both sides must change together; a far side of another version is ended at its handshake. */
export const PROTOCOL_VERSION = 3

/** What a kernel needs to know of its guest's ceilings and of the host functions it may call. */
export interface KernelConfig {
  /** Whether the guest is its caller's own code; some engines show more to such. */
  readonly trusted: boolean
  readonly outputBytes: number
  readonly logBytes: number
  readonly hostCalls: number
  /** Each as `module/function` and whether it answers synchronously. */
  readonly functions: readonly (readonly [name: string, sync: boolean])[]
  readonly clock: ClockConfig
  /** By which a kernel knows what is too long to be read. */
  readonly memoryBytes?: number
  /** Which names of the web platform the guest may touch. Its text has come before; absent where there is none to touch. */
  readonly web?: WebNeeds
  /** Present where the guest may import modules of Node, whose text has come before. */
  readonly node?: true
  /** Keys for its generators of randomness, drawn on the far side and unknown to every other realm. */
  readonly seeds?: string
  /** Present where it may make no code from strings. */
  readonly codeFromStrings?: 'refuse'
  /** Present where the host sends texts to be evaluated one after the other. */
  readonly evaluates?: true
}

/** What the near side asks of a far side. Sandboxes are numbered by the near side; `text` travels beside the head. */
export type Order =
  | {
      readonly t: 'open'
      readonly s: number
      readonly memoryBytes: number
      readonly config: KernelConfig
      /** Those with the same may share what is compiled. */
      readonly partition: string
    }
  /** Hands over the text of the web platform, or of Node's modules. */
  | { readonly t: 'equip'; readonly s: number; readonly part: Part }
  | {
      readonly t: 'call'
      readonly s: number
      /** Counts the calls of the sandbox. One that comes while another is under way waits behind it. */
      readonly c: number
      readonly wallMs: number
      readonly cpuMs: number
      readonly name: string
      readonly mayCut: boolean
    }
  | { readonly t: 'reply'; readonly s: number; readonly h: number; readonly ok: boolean }
  | { readonly t: 'answer'; readonly s: number; readonly ok: boolean }
  /** Takes a call back, unless it has started. */
  | { readonly t: 'drop'; readonly s: number; readonly c: number }
  | { readonly t: 'close'; readonly s: number }

/** What a far side measured of one sandbox during its current call. Absent means not measurable. */
export interface Sample {
  readonly cpuMs?: number
  readonly memoryBytes?: number
}

/** What a far side reports. `out` carries the batch of records that a guest's kernel left. */
export type Report =
  | { readonly t: 'ready'; readonly version: number; readonly threadId: number }
  | { readonly t: 'opened'; readonly s: number }
  | { readonly t: 'failed'; readonly s: number }
  | ({ readonly t: 'out'; readonly s: number } & Sample)
  | ({ readonly t: 'usage'; readonly s: number } & Sample)
  | ({ readonly t: 'ended'; readonly s: number; readonly limit?: EndedBy; readonly cut?: boolean } & Sample)
  | { readonly t: 'sync'; readonly s: number; readonly name: string }
  /** The call was waiting, and does not wait any more. */
  | { readonly t: 'dropped'; readonly s: number; readonly c: number }
  | { readonly t: 'closed' | 'stuck'; readonly s: number }

/** The limits a far side can find reached; without one, an `ended` means the guest's engine failed. */
export type EndedBy = (typeof ENDED_BY)[number]
const ENDED_BY = ['wallMs', 'cpuMs', 'memoryBytes'] as const

const violation = (what: string): RingfenceError =>
  new RingfenceError('RF_PROTOCOL_VIOLATION', `Cannot accept a message from a carrier: ${what}`)

const asFields = (head: unknown): Readonly<Record<string, unknown>> => {
  if (typeof head !== 'object' || head === null || Array.isArray(head)) throw violation('its head is not an object')
  return { ...head }
}

const sandboxOf = (fields: Readonly<Record<string, unknown>>): number => {
  const s = fields['s']
  if (typeof s !== 'number' || !Number.isSafeInteger(s) || s < 0) throw violation('it names no sandbox')
  return s
}

const amount = (fields: Readonly<Record<string, unknown>>, key: string): number | undefined => {
  const value = fields[key]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw violation(`"${key}" is not an amount`)
  return value
}

const sampleOf = (fields: Readonly<Record<string, unknown>>): Sample => {
  const cpuMs = amount(fields, 'cpuMs')
  const memoryBytes = amount(fields, 'memoryBytes')
  return { ...(cpuMs === undefined ? {} : { cpuMs }), ...(memoryBytes === undefined ? {} : { memoryBytes }) }
}

const endedBy = (value: unknown): { readonly limit?: EndedBy } => {
  if (value === undefined) return {}
  const limit = limitOf(value)
  if (limit !== undefined) return { limit }
  throw violation('it names an unknown limit')
}

const limitOf = (name: unknown): EndedBy | undefined => ENDED_BY.find((limit) => limit === name)

const cutOf = (cut: unknown): { readonly cut?: boolean } => (cut === true ? { cut } : {})

const nameOf = (value: unknown): string => {
  if (typeof value !== 'string' || value.length > 512) throw violation('it names no function')
  return value
}

/**
 * Parses what a far side sent, field by field: a far side may be in the hands of its guest, so nothing it says is
 * taken on trust. Throws `RF_PROTOCOL_VIOLATION`; the carrier is then ended.
 */
export const parseReport = (head: unknown): Report => {
  const fields = asFields(head)
  switch (fields['t']) {
    case 'ready':
      return { t: 'ready', version: amount(fields, 'version') ?? 0, threadId: amount(fields, 'threadId') ?? 0 }
    case 'opened':
    case 'failed':
    case 'closed':
    case 'stuck':
      return { t: fields['t'], s: sandboxOf(fields) }
    case 'out':
    case 'usage':
      return { t: fields['t'], s: sandboxOf(fields), ...sampleOf(fields) }
    case 'ended':
      return {
        t: 'ended',
        s: sandboxOf(fields),
        ...cutOf(fields['cut']),
        ...endedBy(fields['limit']),
        ...sampleOf(fields),
      }
    case 'dropped':
      return { t: 'dropped', s: sandboxOf(fields), c: amount(fields, 'c') ?? 0 }
    case 'sync':
      return { t: 'sync', s: sandboxOf(fields), name: nameOf(fields['name']) }
    default:
      throw violation('its kind is unknown')
  }
}
