import { PROGRAM_FILE } from './guest-text.ts'

/** What isolated-vm hands over as it is, and takes back. */
export type Primitive = string | number | boolean | null | undefined

/** What a kernel is told of a rejection that its guest left unhandled, as `take` takes it (see `guest/kernel.js`). */
export type RejectionCopy = [copy: string, primitive?: Primitive]

/** A frame of the program's, or of code that it made from a string. */
const GUEST_FRAME = new RegExp(`${PROGRAM_FILE}:|^ +at .*\\(<anonymous>:\\d`)
/** How isolated-vm says that it was no error and nothing that it could copy. */
const NO_ERROR = /^An object was thrown from supplied code within isolated-vm/

/** A primitive as it is, and of an error the copy isolated-vm has made of it, of which only the guest's frames are kept. */
export const copyOf = (error: unknown): RejectionCopy => {
  if (typeof error === 'bigint') return [thrown(`${error}n`)]
  if (isPrimitive(error)) return ['primitive', error]
  if (!(error instanceof Error) || NO_ERROR.test(error.message)) return [thrown('[object that is no error]')]
  const { name, message, stack = '' } = error
  const lines = stack.split('\n').filter((line) => GUEST_FRAME.test(line))
  const frames = lines.map((line) => `\n${line}`).join('')
  return [JSON.stringify({ name, message, frames, ...(frames !== '' && { stack: `${name}: ${message}${frames}` }) })]
}

const thrown = (message: string): string => JSON.stringify({ name: 'Thrown', message, frames: '' })

const isPrimitive = (value: unknown): value is Primitive =>
  value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)
