/** Lines shown before and after the one that matters. */
const CONTEXT = 2
/** Longer lines are cut, so that minified code does not fill the screen. */
const MAX_WIDTH = 160
const LINE_END = /\r\n|[\n\r\u2028\u2029]/
/** What would move a terminal's cursor, change its colours, or turn the direction of the text around. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Splits a text where JavaScript ends lines, which is at U+2028 and U+2029 too. */
export const linesOf = (text: string): readonly string[] => text.split(LINE_END)

/** The line and column of an offset, counted from one. */
export const positionAt = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  const before = linesOf(text.slice(0, offset))
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

/** The offset of a line and column, which count from one. */
export const offsetAt = (text: string, line: number, column: number): number => {
  const ends = [...text.matchAll(new RegExp(LINE_END, 'g'))]
  const end = ends[line - 2]
  return (end === undefined ? 0 : end.index + end[0].length) + column - 1
}

/**
 * Shows a place in a text: the line with a caret under the column, and the lines around it. Both count from one. Control
 * characters become spaces, since a guest's text must not act on the terminal of who reads its errors.
 */
export const codeFrame = (text: string, line: number, column: number): string => {
  const lines = linesOf(text)
  const first = Math.max(1, line - CONTEXT)
  const last = Math.min(lines.length, line + CONTEXT)
  const width = String(last).length
  const skip = Math.max(0, column - MAX_WIDTH + 20)
  const out: string[] = []
  for (let number = first; number <= last; number += 1) {
    const shown = (lines[number - 1] ?? '').slice(skip, skip + MAX_WIDTH).replaceAll(UNPRINTABLE, ' ')
    out.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${shown}`.trimEnd())
    if (number === line) out.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1 - skip))}^`)
  }
  return out.join('\n')
}
