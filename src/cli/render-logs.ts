import { createColors } from 'picocolors'
import type { LogEntry, LogLevel } from '../core/types.ts'
import { visibleText } from './visible-text.ts'

/** Renders what a guest wrote to its console, a line per line, each with its level. */
export function renderLogs(logs: readonly LogEntry[], coloured: boolean): string {
  const paint = paints(coloured)
  return logs.map(({ level, text }) => `${paint[level](`[${level}]`)} ${indented(text, level)}\n`).join('')
}

function indented(text: string, level: LogLevel): string {
  return visibleText(text).replaceAll('\n', `\n${' '.repeat(level.length + 3)}`)
}

function paints(coloured: boolean): Readonly<Record<LogLevel, (text: string) => string>> {
  const { cyan, dim, red, yellow } = createColors(coloured)
  return { debug: dim, log: dim, info: cyan, warn: yellow, error: red }
}
