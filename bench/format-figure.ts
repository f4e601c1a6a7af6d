import { formatBytes, formatMs } from '../src/cli/format-quantity.ts'
import type { Unit, Verdict } from './row.ts'

/** A figure for people, in the unit that keeps it short. */
export function formatFigure(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return Math.abs(value) < 1 ? `${formatSmall(value * 1000)} µs` : formatMs(value)
    case 'perSecond':
      return value >= 1000 ? `${formatSmall(value / 1000)} k/s` : `${formatSmall(value)} /s`
    case 'bytes':
      return formatBytes(value)
  }
}

/** A ratio to two places. */
export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(2)} ×`
}

/** A target in a few signs, such as `≤ 1.30 ×` or `p99 ≤ 10.0 ms`. */
export function formatTarget({ of, bound, value }: Verdict, unit: Unit): string {
  const sign = bound === 'atMost' ? '≤' : '≥'
  if (of === 'ratio') return `${sign} ${formatRatio(value)}`
  return `${of === 'p99' ? 'p99 ' : ''}${sign} ${formatFigure(value, unit)}`
}

function formatSmall(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}
