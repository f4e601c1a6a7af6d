import { inspect } from 'node:util'
import type { Execution, GuestError, LogEntry, Outcome } from '../../src/index.ts'

/** What is seen of an execution: its outcome with all that is told of an error, and its log lines, as text. */
export function observe({ outcome, logs }: Pick<Execution, 'outcome' | 'logs'>): string {
  return [describeOutcome(outcome), ...logs.map(describeLog)].join('\n')
}

/** A value as it is compared, exact down to the sign of a zero. */
function describeValue(value: unknown): string {
  return inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: 120,
  })
}

const describeLog = ({ level, text }: LogEntry): string => `${level}: ${text}`

const describeOutcome = (outcome: Outcome): string => {
  if (outcome.kind === 'returned') return `returned ${describeValue(outcome.value)}`
  if (outcome.kind === 'threw') return `threw ${describeError(outcome.error)}`
  return inspect(outcome)
}

const describeError = (error: GuestError): string => {
  const { name, message, stack, code, data, cause, errors, location, codeFrame } = error
  const header = message === '' ? name : `${name}: ${message}`
  const lines = [stack?.startsWith(header) === true ? stack : `${header}, stack ${inspect(stack)}`]
  if (code !== undefined) lines.push(`code ${inspect(code)}`)
  if (data !== undefined) lines.push(`data ${describeValue(data)}`)
  if (location !== undefined) lines.push(`at ${location.file}:${location.line}:${location.column}`)
  if (codeFrame !== undefined) lines.push(codeFrame)
  if (cause !== undefined) lines.push(indent(`caused by ${describeError(cause)}`))
  for (const one of errors ?? []) lines.push(indent(`made of ${describeError(one)}`))
  return lines.join('\n')
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ')
