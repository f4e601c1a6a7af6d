import type { ErrorCode } from '../core/errors.ts'
import type { InvocationStatus } from '../functions/words.ts'

/** The HTTP status of each way an invocation may end, `ok` left out, which the function decides. */
export const HTTP_STATUS: Readonly<Record<Exclude<InvocationStatus, 'ok'>, number>> = {
  user_error: 500,
  init_error: 500,
  timeout_wall: 504,
  timeout_cpu: 504,
  memory: 507,
  output_limit: 502,
  limit: 502,
  killed: 503,
  cancelled: 499,
  rejected: 503,
  blocked: 503,
  throttled: 429,
  rate_limited: 429,
  queue_timeout: 503,
  tier_crashed: 502,
}

/** When it is worth coming back, for ends that pass by themselves. */
export const RETRY_AFTER_SECONDS: Readonly<Partial<Record<InvocationStatus, number>>> = {
  throttled: 1,
  queue_timeout: 2,
  tier_crashed: 1,
  killed: 1,
}

/** The HTTP status of what was asked for wrongly. */
export const ERROR_STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  RF_BAD_DEPLOYMENT: 400,
  RF_NO_FUNCTION: 404,
  RF_CONFLICT: 409,
  RF_BROKER_CLOSED: 503,
}
