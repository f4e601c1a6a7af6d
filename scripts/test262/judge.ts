import type { Composed } from './compose.ts'

/** How a test ended, wherever it ran. */
export interface Ending {
  readonly ended: 'returned' | 'threw' | 'other'
  readonly name: string
  readonly message: string
}

/** Says what is wrong with how a test ended, or nothing: a negative test has to throw what it names, any other to return. */
export function faultOf({ negative }: Composed, { ended, name, message }: Ending): string | undefined {
  if (negative === undefined) return ended === 'returned' ? undefined : `${name}: ${message}`
  if (ended === 'returned') return `returned where ${negative.type} was expected`
  return name === negative.type ? undefined : `${name} where ${negative.type} was expected: ${message}`
}
