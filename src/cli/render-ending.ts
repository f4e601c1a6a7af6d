import type { Execution, GuestError, Outcome } from '../core/types.ts'
import { formatBytes, formatMs } from './format-quantity.ts'
import { toJson } from './json-value.ts'
import { visibleText } from './visible-text.ts'

/** Says how a program ended that did not return; nothing when it did. */
export function renderEnding({ outcome, decision }: Pick<Execution, 'outcome' | 'decision'>): string {
  switch (outcome.kind) {
    case 'returned':
      return ''
    case 'threw':
      return `${visibleText(renderGuestError(outcome.error))}\n`
    case 'exceeded': {
      const limit = decision.verdict === 'route' ? ` of ${decision.limits[outcome.limit]}` : ''
      return `ringfence: the program exceeded its limit "${outcome.limit}"${limit}\n`
    }
    case 'killed':
      return `ringfence: the program was killed: ${visibleText(outcome.reason)}\n`
    case 'crashed':
      return `ringfence: the program crashed: ${visibleText(outcome.detail)}\n`
    case 'refused':
      return `ringfence: refused: ${visibleText(outcome.reason)}\n`
  }
}

/** With everything it was caused by, and made of. */
function renderGuestError(error: GuestError): string {
  const { code, data, cause, errors = [] } = error
  const more = [
    ...(code === undefined ? [] : [`code: ${JSON.stringify(code)}`]),
    ...(data === undefined ? [] : [`data: ${JSON.stringify(toJson(data).json)}`]),
  ]
  return [
    renderOne(error),
    ...more.map((line) => `  ${line}`),
    ...errors.map((one, at) => `[${at}] ${renderGuestError(one)}`),
    ...(cause === undefined ? [] : [`Caused by ${renderGuestError(cause)}`]),
  ].join('\n')
}

function renderOne({ name, message, stack, location, codeFrame }: GuestError): string {
  const head = `${name}: ${message}`
  const where = location === undefined ? '' : `\n    at ${location.file}:${location.line}:${location.column}`
  if (codeFrame !== undefined) return `${head}${where}\n${codeFrame}`
  if (stack === undefined) return `${head}${where}`
  return stack.startsWith(name) ? stack : `${head}\n${stack}`
}

/** Sums up an execution in one line, for a terminal. */
export function renderSummary({ outcome, tier, trust, usage }: Execution): string {
  const parts = [
    describeOutcome(outcome),
    tier === undefined ? trust : `${trust} in ${tier}`,
    `wall ${formatMs(usage.wallMs)}`,
    usage.cpuMs === undefined ? '' : `CPU ${formatMs(usage.cpuMs)}`,
    usage.peakMemoryBytes === undefined ? '' : `peak memory ${formatBytes(usage.peakMemoryBytes)}`,
  ]
  return `${parts.filter((part) => part !== '').join(' · ')}\n`
}

/** An outcome in a word or two, for tables. */
export function describeOutcome(outcome: Outcome): string {
  return outcome.kind === 'exceeded' ? `exceeded ${outcome.limit}` : outcome.kind
}
