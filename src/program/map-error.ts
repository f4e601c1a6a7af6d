import type { GuestError } from '../core/types.ts'
import type { Location } from './locate.ts'
import type { Program } from './prepare.ts'

/** A place in a program's script, as engines write it into stacks. */
const PLACE = /guest:program:(\d+):(\d+)/g

/** Rewrites an error's stack to the caller's own files and lines, and shows the place it came from. */
export const mapError = (program: Program, error: GuestError): GuestError => {
  if (error.stack === undefined || error.location !== undefined) return error
  let first: Location | undefined
  const stack = error.stack.replace(PLACE, (place, line: string, column: string) => {
    const location = program.locate(Number(line), Number(column))
    if (location === undefined) return place
    first ??= location
    return `${location.file}:${location.line}:${location.column}`
  })
  if (first === undefined) return { ...error, stack }
  const codeFrame = program.frame(first)
  return { ...error, stack, location: first, ...(codeFrame === undefined ? {} : { codeFrame }) }
}
