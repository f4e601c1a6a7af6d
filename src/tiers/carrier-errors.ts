import { RingfenceError } from '../core/errors.ts'

/** No sandbox could be opened, for this cause. */
export const cannotOpen = (cause: string): RingfenceError =>
  new RingfenceError('RF_CARRIER_FAILED', `Cannot open sandbox: ${cause}`)

/** The carrier ended before the guest was in it, or on account of another guest: one on another carrier may open. */
export class CarrierLost extends RingfenceError {
  constructor(cause: string) {
    super('RF_CARRIER_FAILED', `Cannot open sandbox: its carrier failed: ${cause}`)
  }
}
