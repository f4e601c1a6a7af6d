import type { LogEntry, LogLevel } from '../core/types.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'log', 'info', 'warn', 'error']

/** Every line counts as ended by one, so that lines without text are not free. */
const LINE_BREAK = 1

/** Reads the record of one line: the time in milliseconds, `;`, and the text. The record's id is the level. */
export const parseLogRecord = (level: number, record: string): LogEntry => {
  const at = record.indexOf(';')
  const time = Number(record.slice(0, at))
  return { level: LEVELS[level] ?? 'log', text: record.slice(at + 1), at: Number.isFinite(time) ? time : 0 }
}

/** What a line counts against the limit of log bytes. */
export const logBytesOf = ({ text }: LogEntry): number => Buffer.byteLength(text) + LINE_BREAK
