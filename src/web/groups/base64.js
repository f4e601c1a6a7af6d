// Base64 of binary strings: the alphabet by a library, what is forgiven by the Infra standard.

import { fromBase64, toBase64 } from '@exodus/bytes/base64.js'
import { isomorphicDecode, isomorphicEncode } from '@exodus/bytes/encoding-lite.js'

const WHITESPACE = /[\t\n\f\r ]+/g
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

const attempt = (name, run) => {
  try {
    return run()
  } catch {
    // The libraries' errors are of other kinds than the standard's.
    throw new DOMException(`Failed to execute '${name}': the string is not correctly encoded`, 'InvalidCharacterError')
  }
}

const needArgument = (name, count) => {
  if (count === 0) throw new TypeError(`Failed to execute '${name}': 1 argument required, but only 0 present`)
}

/** The bits that a last letter has beyond whole bytes are forgiven; the library would refuse them. */
const withoutSpareBits = (text) => {
  const rest = text.length % 4
  const last = LETTERS.indexOf(text.at(-1))
  if (rest < 2 || last < 0) return text
  return text.slice(0, -1) + LETTERS[last & (rest === 2 ? 0b110000 : 0b111100)]
}

export const { atob, btoa } = {
  atob(data) {
    needArgument('atob', arguments.length)
    const text = `${data}`.replace(WHITESPACE, '')
    const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text
    return attempt('atob', () => isomorphicDecode(fromBase64(withoutSpareBits(bare), { padding: false })))
  },
  btoa(data) {
    needArgument('btoa', arguments.length)
    const text = `${data}`
    return attempt('btoa', () => toBase64(isomorphicEncode(text)))
  },
}
