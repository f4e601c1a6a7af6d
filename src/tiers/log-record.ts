import type { LogEntry, LogLevel } from '../core/types.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'log', 'info', 'warn', 'error']

/** Reads the record of one line: the time in milliseconds, `;`, and the text. The record's id is the level. */
export const parseLogRecord = (level: number, record: string): LogEntry => {
  const at = record.indexOf(';')
  const time = Number(record.slice(0, at))
  return { level: LEVELS[level] ?? 'log', text: record.slice(at + 1), at: Number.isFinite(time) ? time : 0 }
}
