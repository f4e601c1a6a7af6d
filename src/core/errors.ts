/** Codes of `RingfenceError`; each has its line in `docs/errors.md`. */
export type ErrorCode =
  | 'RF_BROKER_CLOSED'
  | 'RF_BAD_POLICY'
  | 'RF_BAD_STATE'
  | 'RF_STATE_NOT_SAVED'
  | 'RF_TIER_UNAVAILABLE'
  | 'RF_ISOLATION_TOO_WEAK'
  | 'RF_UNDER_PRESSURE'
  | 'RF_DATA_NOT_CLONEABLE'
  | 'RF_PROTOCOL_VIOLATION'
  | 'RF_CARRIER_FAILED'
  | 'RF_CRASH_LOOP'
  | 'RF_THREADS_LOST'
  | 'RF_CANNOT_BUNDLE'
  | 'RF_SESSION_ENDED'
  | 'RF_BAD_DEPLOYMENT'
  | 'RF_NO_FUNCTION'
  | 'RF_CONFLICT'
  | 'RF_ANSWER_INCOMPLETE'

/** What the caller or ringfence itself did wrong. What a guest does is never an error of this kind: it is an `Outcome`. */
export class RingfenceError extends Error {
  override readonly name = 'RingfenceError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
