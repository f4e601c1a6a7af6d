import type { GuestError } from '../core/types.ts'
import { MODULE_LEVEL } from './assemble.ts'
import type { Location } from './locate.ts'
import type { Program } from './prepare.ts'

/** A place in a program's script, as engines write it into stacks. */
const PLACE = /guest:program:(\d+):(\d+)/g
/** What only a place or a name of our making holds. */
const OURS = /guest:program:|__vite_ssr_/
/** A frame of a module's own level, which engines show without a name. */
const LEVEL_FRAME = new RegExp(`^( +at (?:async )?)(?:[\\w.]+\\.)?${MODULE_LEVEL} \\((.*)\\)$`)
/** A call frame of a stack; what is before the first is the message, in which a guest may write anything. */
const FRAME = /^ +at /

/** Rewrites stacks to the caller's own files and lines, without frames of ours, and shows the place of the error and its causes. */
export const mapError = (program: Program, error: GuestError): GuestError => {
  const { cause, errors } = error
  return {
    ...mapOne(program, error),
    ...(cause !== undefined && { cause: mapError(program, cause) }),
    ...(errors !== undefined && { errors: errors.map((one) => mapError(program, one)) }),
  }
}

/** Rewrites the places of the program in a text, such as a line of its console that shows an error. */
export const mapText = (program: Program, text: string): string => {
  if (!OURS.test(text)) return text
  const mapped = text.replace(PLACE, (place, line: string, column: string) => {
    const location = program.locate(Number(line), Number(column))
    return location === undefined ? place : `${location.file}:${location.line}:${location.column}`
  })
  return withOwnNames(
    mapped
      .split('\n')
      .map((line) => line.replace(LEVEL_FRAME, '$1$2'))
      .join('\n'),
  )
}

const mapOne = (program: Program, error: GuestError): GuestError => {
  const message = withOwnNames(error.message)
  if (error.stack === undefined || error.location !== undefined) return { ...error, message }
  let first: Location | undefined
  const mapFrame = (frame: string): readonly string[] => {
    let ours = false
    const mapped = frame.replace(PLACE, (place, line: string, column: string) => {
      const location = program.locate(Number(line), Number(column))
      if (location === undefined) {
        ours = true
        return place
      }
      first ??= location
      return `${location.file}:${location.line}:${location.column}`
    })
    return ours ? [] : [withOwnNames(mapped.replace(LEVEL_FRAME, '$1$2'))]
  }
  const lines = error.stack.split('\n')
  const stack = lines.flatMap((line) => (FRAME.test(line) ? mapFrame(line) : withOwnNames(line))).join('\n')
  if (first === undefined) return { ...error, message, stack }
  const codeFrame = program.frame(first)
  return { ...error, message, stack, location: first, ...(codeFrame === undefined ? {} : { codeFrame }) }
}

/** Gives what was imported its name back: `(0 , __vite_ssr_import_0__.sum) is not a function`. */
const withOwnNames = (text: string): string =>
  text
    .replaceAll(/\(0 ?, ?__vite_ssr_import_\d+__\.([\w$]+)\)/g, '$1')
    .replaceAll(/__vite_ssr_import_\d+__\.([\w$]+)/g, '$1')
    .replaceAll('__vite_ssr_export_default__', 'default')
