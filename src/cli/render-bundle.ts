import type { Bundle } from '../index.ts'
import { formatBytes } from './format-quantity.ts'
import { renderTable } from './render-table.ts'
import { visibleText } from './visible-text.ts'

/** Shows how large a bundle is and whose code it is made of, and what it leaves out. */
export function renderBundle({ bytes, parts, refused, warnings }: Bundle, out: string | undefined): string {
  const rows = parts.map((part) => [
    part.package ?? 'your own files',
    formatBytes(part.bytes),
    `${((part.bytes / bytes) * 100).toFixed(1)} %`,
    String(part.files),
  ])
  const table = renderTable(
    [
      { title: 'package' },
      { title: 'size', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'files', align: 'right' },
    ],
    rows,
  )
  const left = refused.map(
    ({ specifier, importer, reason }) => `  "${specifier}" (imported by ${importer}): ${reason}\n`,
  )
  return [
    `${formatBytes(bytes)}${out === undefined ? '' : `, written to ${out}`}\n\n${table}`,
    ...(left.length === 0 ? [] : ['\nLeft out; the program throws where it gets to one of them:\n', ...left]),
    ...warnings.map((warning) => `\nWarning: ${warning}\n`),
  ]
    .map(visibleText)
    .join('')
}
