import { prepare } from '../index.ts'

/** Whether a text at the prompt is all there; one that is wrong at its very end may still go on. */
export function isComplete(text: string): boolean {
  const prepared = prepare(text, { kind: 'fragment', filename: 'prompt.ts' })
  if (prepared.kind !== 'invalid') return true
  const { message, location } = prepared.error
  if (location === undefined) return true
  if (message.startsWith('Unterminated')) return !opensOverLines(text, location.line, location.column)
  const rest = restAt(text, location.line, location.column)
  return rest.trim() !== ''
}

/** A comment or a template may end on a later line; a string in quotes may not. */
function opensOverLines(text: string, line: number, column: number): boolean {
  return /^(?:`|\/\*)/.test(restAt(text, line, column))
}

function restAt(text: string, line: number, column: number): string {
  const lines = text.split('\n').slice(line - 1)
  return lines.join('\n').slice(column - 1)
}
