// The little of ASN.1 that public and private keys of curves need.

import { failure } from './arguments.js'

export const SEQUENCE = 0x30
export const INTEGER = 0x02
export const BITS = 0x03
export const OCTETS = 0x04
export const OID = 0x06
/** The optional public key within a private one. */
export const TAG_1 = 0xa1

const refuse = () => {
  throw failure('DataError', 'The key is not encoded as it should be')
}

/** One element with its contents, which are shorter than 64 KB. */
export const element = (tag, ...parts) => {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  const bytes = new Uint8Array(head.length + length)
  bytes.set(head)
  let at = head.length
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const readLength = (bytes) => {
  const first = bytes[1]
  if (first === undefined || first === 0x80 || first > 0x82) refuse()
  if (first < 128) return [2, first]
  const [long, short = 0] = [bytes[2], bytes[3]]
  if (long === undefined) refuse()
  return first === 0x81 ? [3, long] : [4, long * 256 + short]
}

/** The elements that bytes are made of, each as its tag and its contents. Refuses what is left over. */
export const elements = (bytes) => {
  const found = []
  for (let rest = bytes; rest.length > 0; ) {
    const [start, length] = readLength(rest)
    if (start + length > rest.length) refuse()
    found.push([rest[0], rest.subarray(start, start + length)])
    rest = rest.subarray(start + length)
  }
  return found
}

/** The contents of the element at `index`, which must have this tag. */
export const contents = (list, index, tag) => {
  const found = list[index]
  if (found?.[0] !== tag) refuse()
  return found[1]
}

/** The contents of the sequence that bytes are, with nothing behind it. */
export const onlySequence = (bytes) => {
  const list = elements(bytes)
  if (list.length !== 1) refuse()
  return contents(list, 0, SEQUENCE)
}

export const sameBytes = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index])

/** Holds bytes to what they must be. */
export const expectBytes = (found, wanted) => {
  if (!sameBytes(found, wanted)) refuse()
}

/** What follows the count of unused bits, which is none. */
export const wholeBits = (bits) => {
  if (bits[0] !== 0) refuse()
  return bits.subarray(1)
}
