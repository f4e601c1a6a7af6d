import { RingfenceError } from '../core/errors.ts'

/**
 * What a guest's kernel leaves behind when control comes back from it, as one string (see `guest/kernel.js`):
 * a letter for its state, milliseconds until its next timer (-1: none), `;`, then records `<kind><id>,<length>:<text>`.
 */
export interface Batch {
  readonly settled: boolean
  readonly wakeMs: number
  /** The records alone, to be read by `readRecords`. */
  readonly records: string
}

/** L: a log line. H: a call of a host function. D: the encoded result. E: an error as JSON. X: a limit reached. */
export type RecordKind = 'L' | 'H' | 'D' | 'E' | 'X'

const violation = (what: string): RingfenceError =>
  new RingfenceError('RF_PROTOCOL_VIOLATION', `Cannot read what a guest's kernel wrote: ${what}`)

/** Splits a kernel's answer into its state and its records. Throws `RF_PROTOCOL_VIOLATION`. */
export const readBatch = (text: string): Batch => {
  const end = text.indexOf(';')
  const state = text.charAt(0)
  const wakeMs = Number(text.slice(1, end))
  if (end < 2 || end > 24 || (state !== 's' && state !== 'p') || !Number.isFinite(wakeMs)) throw violation('no state')
  return { settled: state === 's', wakeMs, records: text.slice(end + 1) }
}

/** The id of an error nobody in the guest could catch: a rejection or a callback left alone, so its realm is not used again. */
export const UNCAUGHT = 1

/**
 * Whether the records of a settled batch say that the guest may be called again: it answered, or threw what it could catch.
 * What cannot be read does not: the near side will see that too, and say why.
 */
export const endsWell = (records: string): boolean => {
  let well = false
  try {
    readRecords(records, (kind, id) => {
      if (kind === 'D' || kind === 'E' || kind === 'X') well = kind === 'D' || (kind === 'E' && id !== UNCAUGHT)
      return kind === 'L' || kind === 'H'
    })
  } catch {
    return false
  }
  return well
}

const isKind = (letter: string): letter is RecordKind =>
  letter === 'L' || letter === 'H' || letter === 'D' || letter === 'E' || letter === 'X'

/** Calls `visit` for each record in order, until it answers false. Throws `RF_PROTOCOL_VIOLATION`. */
export const readRecords = (records: string, visit: (kind: RecordKind, id: number, text: string) => boolean): void => {
  let at = 0
  while (at < records.length) {
    const kind = records.charAt(at)
    const comma = records.indexOf(',', at)
    const colon = records.indexOf(':', comma)
    if (!isKind(kind) || comma < 0 || colon < 0 || colon - at > 40) throw violation('a record without its lengths')
    const id = Number(records.slice(at + 1, comma))
    const length = Number(records.slice(comma + 1, colon))
    const end = colon + 1 + length
    if (!Number.isSafeInteger(id) || !Number.isSafeInteger(length) || length < 0 || end > records.length) {
      throw violation('a record longer than its batch')
    }
    if (!visit(kind, id, records.slice(colon + 1, end))) return
    at = end
  }
}
