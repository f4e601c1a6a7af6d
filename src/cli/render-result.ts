import { inspect } from 'node:util'
import type { Data } from '../core/types.ts'
import { toJson } from './json-value.ts'
import { visibleText } from './visible-text.ts'

/**
 * What a shell expects of a result: text as it is, nothing for `undefined`, JSON where JSON can say it, and otherwise
 * Node's own notation. A terminal never gets a guest's control characters; a pipe gets the text untouched.
 */
export function renderResult(value: Data, isTerminal: boolean): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : renderData(value)
  const line = text.endsWith('\n') ? text : `${text}\n`
  return isTerminal ? visibleText(line) : line
}

function renderData(value: Data): string {
  const { json, plain, huge } = toJson(value)
  return plain || huge
    ? JSON.stringify(json)
    : inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null })
}
