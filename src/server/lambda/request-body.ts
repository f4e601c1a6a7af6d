import { z } from 'zod'
import { issueText } from '../../functions/deployment.ts'
import { AwsError, invalid } from './aws-error.ts'

/** Reads the JSON of a request. A parameter that means nothing here is refused rather than ignored. */
export function bodyOf<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  const parsed = schema.safeParse(jsonOf(text === '' ? '{}' : text))
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.map(issueText).join('; '))
}

/** Throws what an AWS client is told of a text that is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = `Could not parse request body into json: ${String(error)}`
    throw new AwsError(400, 'InvalidRequestContentException', message, { Type: 'User', message })
  }
}

/** Bytes in base64. */
export const BASE64: z.ZodType<Buffer> = z.base64().transform((text) => Buffer.from(text, 'base64'))
