import { AssertionError } from 'node:assert'
import { inspect } from 'node:util'

/** Tells whether `text` is `expected`, in which `…` stands for anything. */
export function matches(text: string, expected: string): boolean {
  const pattern = expected.split('…').map((part) => RegExp.escape(part))
  return new RegExp(`^${pattern.join('.*')}$`, 's').test(text)
}

/** Throws unless Node prints `value` as a README says it does on the line given. */
export function looksLike(value: unknown, expected: string, line: number): void {
  const actual = inspect(value, { depth: Infinity, breakLength: Infinity, compact: true })
  if (matches(actual, expected)) return
  throw new AssertionError({ message: `Line ${line} says ${expected}, but the value is ${actual}`, actual, expected })
}
