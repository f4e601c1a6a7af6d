import * as fc from 'fast-check'

/** One way to spoil a list: what, where, to where, and how much. */
export interface Edit {
  readonly kind: 'delete' | 'double' | 'swap' | 'splice' | 'insert' | 'cut'
  readonly at: number
  readonly to: number
  readonly length: number
}

const place = fc.nat({ max: 2 ** 31 - 1 })
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind']>('delete', 'double', 'swap', 'splice', 'insert', 'cut'),
  at: place,
  to: place,
  length: fc.nat(12),
})

/** Ways to spoil a list of pieces, be they characters or tokens. */
export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 6 })

/** Applies edits to pieces: what is inserted is taken from `foreign`. */
export function spoil<T>(pieces: readonly T[], by: readonly Edit[], foreign: readonly T[]): readonly T[] {
  let result = [...pieces]
  for (const { kind, at, to, length } of by) {
    const size = Math.max(1, result.length)
    const [from, goal] = [at % size, to % size]
    const run = result.slice(from, from + 1 + length)
    if (kind === 'delete') result.splice(from, 1 + length)
    else if (kind === 'double') result.splice(goal, 0, ...run)
    else if (kind === 'splice') result.splice(goal, length, ...run)
    else if (kind === 'cut') result = result.slice(0, from)
    else if (kind === 'insert') result.splice(from, 0, ...foreign.slice(to % Math.max(1, foreign.length)).slice(0, 1))
    else result.splice(from, 1, ...result.splice(goal, 1, ...result.slice(from, from + 1)))
  }
  return result
}
