/** Lines shown before and after the one that matters. */
const CONTEXT = 2
/** Longer lines are cut, so that minified code does not fill the screen. */
const MAX_WIDTH = 160

/** Shows a place in a text: the line with a caret under the column, and the lines around it. Both count from one. */
export const codeFrame = (text: string, line: number, column: number): string => {
  const lines = text.split('\n')
  const first = Math.max(1, line - CONTEXT)
  const last = Math.min(lines.length, line + CONTEXT)
  const width = String(last).length
  const skip = Math.max(0, column - MAX_WIDTH + 20)
  const out: string[] = []
  for (let number = first; number <= last; number += 1) {
    const shown = (lines[number - 1] ?? '').replaceAll('\t', ' ').slice(skip, skip + MAX_WIDTH)
    out.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${shown}`.trimEnd())
    if (number === line) out.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1 - skip))}^`)
  }
  return out.join('\n')
}
