import type { LogEntry, LogLevel } from '../core/types.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'log', 'info', 'warn', 'error']

/**
 * Reads the record of one line: the time in milliseconds, `;`, and the text. The record's id is the level. Half a
 * character pair becomes U+FFFD, as it does on its way through a pipe, so that a line reads the same from every tier.
 */
export const parseLogRecord = (level: number, record: string): LogEntry => {
  const at = record.indexOf(';')
  const time = Number(record.slice(0, at))
  const text = record.slice(at + 1).toWellFormed()
  return { level: LEVELS[level] ?? 'log', text, at: Number.isFinite(time) ? time : 0 }
}
