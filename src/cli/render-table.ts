/** A column of a table; text wider than `width` goes on in the next line. */
export interface Column {
  readonly title: string
  readonly width?: number
  readonly align?: 'left' | 'right'
}

/** Renders rows under titles. A column without a width is as wide as its widest cell. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title)
  const widths = columns.map(({ width }, at) => {
    const widest = Math.max(...[titles, ...rows].map((row) => (row[at] ?? '').length))
    return Math.min(width ?? widest, widest)
  })
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) =>
        columns[at]?.align === 'right' ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd()
  const block = (row: readonly string[]): string[] => {
    const wrapped = columns.map((_column, at) => wrap(row[at] ?? '', widths[at] ?? 1))
    const height = Math.max(...wrapped.map((lines) => lines.length))
    return Array.from({ length: height }, (_none, n) => line(wrapped.map((lines) => lines[n] ?? '')))
  }
  return [...block(titles), line(widths.map((width) => '─'.repeat(width))), ...rows.flatMap(block)]
    .join('\n')
    .concat('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ').flatMap((long) => sliced(long, width))) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function sliced(word: string, width: number): string[] {
  if (word.length <= width) return [word]
  return [word.slice(0, width), ...sliced(word.slice(width), width)]
}
