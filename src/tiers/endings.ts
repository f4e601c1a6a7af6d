import { RingfenceError } from '../core/errors.ts'
import type { Ending } from '../core/sandbox.ts'
import type { EndedBy } from './protocol.ts'

const CUT: Ending = {
  kind: 'crashed',
  detail: 'its first turn was cut short, so as to run where it holds nobody up',
  started: false,
}

/** What it means that a far side says a call ended without its guest settling it. */
export const endingOf = (limit: EndedBy | undefined, cut: boolean): Ending => {
  if (limit !== undefined) return { kind: 'exceeded', limit }
  if (cut) return CUT
  return { kind: 'crashed', detail: "the guest's engine failed", started: true }
}

/** The ending for a limit that a kernel says was reached. Throws `RF_PROTOCOL_VIOLATION` for any other name. */
export const reachedLimit = (limit: string): Ending => {
  if (limit === 'outputBytes' || limit === 'logBytes' || limit === 'hostCalls') return { kind: 'exceeded', limit }
  throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot accept a message from a carrier: it names an unknown limit')
}
