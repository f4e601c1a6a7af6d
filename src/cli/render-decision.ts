import { LIMIT_NAMES } from '../core/limits.ts'
import type { Limits, PolicyDecision } from '../core/types.ts'
import { formatBytes, formatMs } from './format-quantity.ts'
import { renderTable } from './render-table.ts'
import { visibleText } from './visible-text.ts'

/** Renders a decision for people: the verdict, why, and what the program would get. */
export function renderDecision(decision: PolicyDecision): string {
  const reasons = renderTable(
    [{ title: 'rule' }, { title: 'because', width: 96 }],
    decision.because.map(({ rule, message }) => [rule, visibleText(message)]),
  )
  if (decision.verdict === 'refuse') return `${decision.trust} code is refused\n\n${reasons}`
  const { trust, tier, workload, limits, capabilities } = decision
  const functions = capabilities.length === 0 ? 'none' : capabilities.map(visibleText).join(', ')
  return `${trust} ${workload} code runs in tier "${tier}"\n\n${reasons}\n${renderLimits(limits)}\nhost functions: ${functions}\n`
}

/** Renders limits as a table, for people. */
export function renderLimits(limits: Limits): string {
  return renderTable(
    [{ title: 'limit' }, { title: 'value', align: 'right' }],
    LIMIT_NAMES.map((name) => [name, formatLimit(name, limits)]),
  )
}

function formatLimit(name: keyof Limits, limits: Limits): string {
  const value = limits[name]
  if (name.endsWith('Ms')) return formatMs(value)
  return name.endsWith('Bytes') ? formatBytes(value) : String(value)
}
