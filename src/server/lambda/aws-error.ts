/** What an AWS client is told went wrong: a type it knows, and a body of that type's shape. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly type: string
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>

  constructor(status: number, type: string, message: string, body: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.status = status
    this.type = type
    this.body = body
  }
}

/** A parameter that cannot be used, and why. */
export const invalid = (message: string): AwsError =>
  new AwsError(400, 'InvalidParameterValueException', message, { Type: 'User', message })

export const notFound = (message: string): AwsError =>
  new AwsError(404, 'ResourceNotFoundException', message, { Type: 'User', Message: message })

export const conflict = (message: string): AwsError =>
  new AwsError(409, 'ResourceConflictException', message, { Type: 'User', message })

/** Too many calls: of which kind, an AWS client reads from the reason. */
export const throttled = (reason: string): AwsError =>
  new AwsError(429, 'TooManyRequestsException', 'Rate Exceeded.', {
    Reason: reason,
    Type: 'User',
    message: 'Rate Exceeded.',
  })

export const denied = (type: string, message: string): AwsError => new AwsError(403, type, message, { message })
