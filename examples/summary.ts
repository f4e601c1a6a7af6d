import { formatBytes, formatMs } from '../src/cli/format-quantity.ts'
import { describeOutcome } from '../src/cli/render-ending.ts'
import { renderReceipt } from '../src/cli/render-receipt.ts'
import { type Column, renderTable } from '../src/cli/render-table.ts'
import type { Ended } from './run-example.ts'

const COLUMNS: readonly Column[] = [
  { title: '' },
  { title: 'program', width: 14 },
  { title: 'trust' },
  { title: 'tier' },
  { title: 'why', width: 36 },
  { title: 'outcome', width: 11 },
  { title: 'wall', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'peak memory', align: 'right' },
]

/** The table at the end: where each program ran, why, how it ended and what it cost. A dash is what a tier cannot measure. */
export function renderSummaryTable(ended: readonly Ended[]): string {
  return renderTable(
    COLUMNS,
    ended.map(({ example, execution, asExpected }) => {
      const { tier, trust, decision, outcome, usage } = execution
      return [
        asExpected ? '✓' : '✗',
        example.title,
        trust,
        tier ?? '–',
        decision.because.at(-1)?.message ?? '',
        describeOutcome(outcome),
        formatMs(usage.wallMs),
        usage.cpuMs === undefined ? '–' : formatMs(usage.cpuMs),
        usage.peakMemoryBytes === undefined ? '–' : formatBytes(usage.peakMemoryBytes),
      ]
    }),
  )
}

/** The same for other programs: a line of JSON per program, its receipt with title and verdict. */
export function renderSummaryJson(ended: readonly Ended[]): string {
  return ended
    .map(({ example, execution, asExpected }) => {
      const head = JSON.stringify({ program: example.title, asExpected })
      return `${head.slice(0, -1)},${renderReceipt(execution).slice(1)}`
    })
    .join('')
}
