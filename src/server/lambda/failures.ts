import type { GuestError } from '../../core/types.ts'
import type { Invocation } from '../../functions/words.ts'
import { AwsError, throttled } from './aws-error.ts'

/** What Lambda writes as the answer of a function that failed. */
export interface Failure {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace?: readonly string[]
}

/** An invocation as a function that failed. Throws an `AwsError` for one that never got to its function. */
export function failureOf({ id, status, detail = '', execution, durations }: Invocation): Failure {
  const said = (errorType: string, text: string): Failure => ({ errorType, errorMessage: `RequestId: ${id} ${text}` })
  const outcome = execution?.outcome
  switch (status) {
    case 'user_error':
    case 'init_error':
      return outcome?.kind === 'threw'
        ? thrown(outcome.error, status)
        : { errorType: 'Runtime.MalformedResponse', errorMessage: detail }
    case 'timeout_wall':
    case 'timeout_cpu': {
      const seconds = (
        (execution === undefined ? durations.runMs : limitMs(execution.decision, status)) / 1000
      ).toFixed(2)
      return said('Sandbox.Timedout', `Error: Task timed out after ${seconds} seconds`)
    }
    case 'memory':
      return said('Runtime.OutOfMemory', 'Error: Runtime exited with error: signal: killed')
    case 'output_limit':
      return { errorType: 'Function.ResponseSizeTooLarge', errorMessage: detail }
    case 'killed':
    case 'tier_crashed':
      return said('Runtime.ExitError', 'Error: Runtime exited without providing a reason')
    case 'rejected':
      if (detail.startsWith('Cannot import ')) {
        return { errorType: 'Runtime.ImportModuleError', errorMessage: `Error: ${detail}` }
      }
      if (/^SyntaxError\b/.test(detail)) return { errorType: 'Runtime.UserCodeSyntaxError', errorMessage: detail }
      throw new AwsError(502, 'ServiceException', detail, { Type: 'Service', Message: detail })
    case 'throttled':
    case 'blocked':
      throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded')
    case 'rate_limited':
      throw throttled('ReservedFunctionInvocationRateLimitExceeded')
    case 'queue_timeout':
      throw throttled('ConcurrentInvocationLimitExceeded')
    case 'limit':
    case 'cancelled':
    case 'ok':
      return said('Runtime.ExitError', `Error: ${detail}`)
  }
}

function limitMs(
  decision: NonNullable<Invocation['execution']>['decision'],
  status: 'timeout_wall' | 'timeout_cpu',
): number {
  if (decision.verdict !== 'route') return 0
  return decision.limits[status === 'timeout_wall' ? 'wallMs' : 'cpuMs']
}

function thrown({ name, message, stack }: GuestError, status: 'user_error' | 'init_error'): Failure {
  const trace = (stack ?? `${name}: ${message}`).split('\n').map((line, at) => (at === 0 ? line : line.trim()))
  if (name === 'SyntaxError' && status === 'init_error') {
    return { errorType: 'Runtime.UserCodeSyntaxError', errorMessage: `SyntaxError: ${message}`, trace }
  }
  if (message.startsWith('Cannot import ')) {
    return { errorType: 'Runtime.ImportModuleError', errorMessage: `Error: ${message}`, trace }
  }
  return { errorType: name, errorMessage: message, trace }
}
