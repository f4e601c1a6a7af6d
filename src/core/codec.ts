import { readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { RingfenceError } from './errors.ts'
import type { Data } from './types.ts'

interface GuestCodec {
  encodeData(value: unknown, maxLength: number, discreet: boolean): string
  decodeData(text: string): unknown
  isTooLarge(error: unknown): boolean
  isDataCloneError(error: unknown): boolean
}

const FILES = [
  'primordials',
  'base64',
  'codec-kinds',
  'codec-bytes',
  'codec-refusals',
  'codec-encode',
  'codec-decode',
  'codec',
]

/**
 * The host's half of the codec is the guest's very text, run in the host's realm: one text for both sides of the wall
 * means one meaning, and what is decoded here is made of the host's own objects. It is a script and not a module, so it
 * is evaluated as guests' realms evaluate it.
 */
function loadCodec(): GuestCodec {
  const texts = FILES.map((name) => readFileSync(new URL(`../guest/${name}.js`, import.meta.url), 'utf8'))
  const exported = '{ encodeData, decodeData, isTooLarge, isDataCloneError }'
  const text = `(function () { 'use strict';\n${texts.join('\n')}\nreturn ${exported}\n})()`
  const codec: unknown = runInThisContext(text, { filename: 'ringfence:codec' })
  if (!isCodec(codec)) throw new TypeError('Cannot load codec: its text defines no codec')
  return codec
}

const isCodec = (value: unknown): value is GuestCodec =>
  typeof value === 'object' && value !== null && 'encodeData' in value && 'decodeData' in value

const codec = loadCodec()

/**
 * Encodes a value for a guest. Throws `RF_DATA_NOT_CLONEABLE` for what is not data and a `RangeError` when the text is
 * longer than `maxLength` characters. Errors go without their stacks, and buffers without the bytes that no view shows:
 * both belong to the host. What the value's own getters throw passes through.
 */
export function encode(value: Data, maxLength: number = Number.MAX_SAFE_INTEGER): string {
  try {
    return codec.encodeData(value, maxLength, true)
  } catch (error) {
    if (codec.isTooLarge(error)) {
      throw new RangeError(`Cannot encode value: its text is longer than ${maxLength} characters`, { cause: error })
    }
    if (!codec.isDataCloneError(error) || !(error instanceof Error)) throw error
    throw new RingfenceError('RF_DATA_NOT_CLONEABLE', error.message, { cause: error })
  }
}

/** Decodes what a guest sent. Throws `RF_PROTOCOL_VIOLATION` for a text that no codec of ours made. */
export function decode(text: string): Data {
  try {
    return codec.decodeData(text)
  } catch (error) {
    throw new RingfenceError('RF_PROTOCOL_VIOLATION', 'Cannot decode data: the text is not of our codec', {
      cause: error,
    })
  }
}
