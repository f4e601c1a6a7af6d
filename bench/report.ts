import { formatBytes, formatMs } from '../src/cli/format-quantity.ts'
import { type Column, renderTable } from '../src/cli/render-table.ts'
import { formatFigure, formatRatio, formatTarget } from './format-figure.ts'
import type { Row } from './row.ts'
import type { BenchReport } from './run-measurements.ts'

const COLUMNS: readonly Column[] = [
  { title: 'measurement' },
  { title: 'tier' },
  { title: 'ours', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'by hand', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'ratio', align: 'right' },
  { title: 'target' },
  { title: '' },
  { title: 'what stands by hand' },
]

/** The whole report for people. */
export function renderReport(report: BenchReport): string {
  return `${renderTable(COLUMNS, report.rows.map(cellsOf))}\n${summaryOf(report).join('\n')}\n`
}

/** One row in one line, for whoever watches. */
export function renderRow(row: Row): string {
  const [title, tier, ours, p99, byHand, , ratio, target, verdict, mechanism] = cellsOf(row)
  const beside = mechanism === '' ? '' : `, ${ratio === '' ? byHand : ratio} ${mechanism}`
  const aimed = target === '' ? '' : ` (${target}: ${verdict})`
  return `${title}${tier === '' ? '' : `, ${tier}`}: ${ours}${p99 === '' ? '' : `, p99 ${p99}`}${beside}${aimed}`
}

/** The report as a part of a page in Markdown. */
export function renderMarkdown(report: BenchReport): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const titles = COLUMNS.map(({ title }) => title)
  const rule = COLUMNS.map(({ align }) => (align === 'right' ? '---:' : '---'))
  const table = [titles, rule, ...report.rows.map(cellsOf)].map(line)
  return [...table, '', ...summaryOf(report).map((text) => `- ${text}`)].join('\n')
}

function cellsOf({ title, tier, unit, ours, raw, targets }: Row): readonly string[] {
  const tail = (p99: number): string => (unit === 'ms' ? formatFigure(p99, unit) : '')
  return [
    title,
    tier ?? '',
    formatFigure(ours.median, unit),
    tail(ours.p99),
    raw === undefined ? '' : formatFigure(raw.figures.median, unit),
    raw === undefined ? '' : tail(raw.figures.p99),
    raw?.ratio === undefined ? '' : formatRatio(raw.ratio),
    targets.map((target) => formatTarget(target, unit)).join(', '),
    targets.map(({ met }) => (met ? 'met' : 'not met')).join(', '),
    raw?.mechanism ?? '',
  ]
}

function summaryOf(report: BenchReport): readonly string[] {
  const { machine, rows, failures, loadBefore, loadAfter, durationMs, pace, subject } = report
  const verdicts = rows.flatMap(({ targets }) => targets)
  return [
    `${verdicts.filter(({ met }) => met).length} of ${verdicts.length} targets met.`,
    ...failures.map(
      ({ measurement, tier, message }) =>
        `Not measured: ${measurement}${tier === undefined ? '' : `, ${tier}`}: ${message.split('\n', 1)[0]}.`,
    ),
    `Node ${machine.node}, V8 ${machine.v8}, isolated-vm ${machine.isolatedVm}, piscina ${machine.piscina}.`,
    `${machine.platform}, ${machine.cpus} CPUs (${machine.cpu}), ${formatBytes(machine.memoryBytes)} of memory.`,
    `Load ${loadBefore.toFixed(2)} before and ${loadAfter.toFixed(2)} after; ${pace} run of ${formatMs(durationMs)}, on the ${subject === 'built' ? 'built package' : 'sources'}.`,
  ]
}
