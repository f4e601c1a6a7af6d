// Forms as bodies: `multipart/form-data` written and read.

import { FormData } from 'ringfence:web'
import { isomorphicDecode } from '@exodus/bytes/encoding-lite.js'
import { hex, randomBytes } from '../crypto/random.js'

const ESCAPES = { __proto__: null, '\n': '%0A', '\r': '%0D', '"': '%22' }

/** As it stands within quotes; what could end them or the line is escaped. */
const quoted = (text) => `"${text.replace(/[\n\r"]/g, (letter) => ESCAPES[letter])}"`

const withNewlines = (text) => text.replace(/\r\n?|\n/g, '\r\n')

/** Nobody can foresee it, so that no field of a form can hold it and pass for another field. */
const newBoundary = () => `----formdata-${hex(randomBytes(16))}`

/** A form as a blob and the boundary between its parts. */
export const writeForm = (form) => {
  const boundary = newBoundary()
  const parts = []
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(withNewlines(name))}`
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${withNewlines(value)}\r\n`)
    else {
      const type = value.type === '' ? 'application/octet-stream' : value.type
      parts.push(`${head}; filename=${quoted(value.name)}\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n')
    }
  }
  parts.push(`--${boundary}--\r\n`)
  return { blob: new Blob(parts), boundary }
}

const refuse = () => {
  throw new TypeError('The body is no form')
}

/** The names that a part goes by, as they were before they were escaped. */
const unescaped = (text) =>
  text.replace(/%0A|%0D|%22/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)))

const parameter = (line, name) => {
  const found = new RegExp(`;[ \\t]*${name}="([^"]*)"`, 'i').exec(line)
  return found === null ? undefined : unescaped(found[1])
}

const asText = (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

const readPart = (form, head, bytes) => {
  let disposition = ''
  let type = 'text/plain'
  for (const line of head.split('\r\n')) {
    if (/^content-disposition:/i.test(line)) disposition = line
    else if (/^content-type:/i.test(line)) type = line.slice(line.indexOf(':') + 1).trim()
  }
  const name = parameter(disposition, 'name')
  if (!/^content-disposition:[ \t]*form-data[ \t]*;/i.test(disposition) || name === undefined) refuse()
  const filename = parameter(disposition, 'filename')
  if (filename === undefined) form.append(name, asText(bytes))
  else form.append(name, new File([bytes], filename, { type }))
}

/** Reads a form of its bytes. Throws `TypeError` for whatever is not one. */
export const readForm = (bytes, boundary) => {
  if (boundary === undefined || boundary === '') refuse()
  // One letter for each byte, so that places in the text are places in the bytes.
  const text = isomorphicDecode(bytes)
  const form = new FormData()
  const delimiter = `--${boundary}`
  let at = text.startsWith(delimiter) ? delimiter.length : refuse()
  while (!text.startsWith('--', at)) {
    if (!text.startsWith('\r\n', at)) refuse()
    const headEnd = text.indexOf('\r\n\r\n', at)
    const end = text.indexOf(`\r\n${delimiter}`, headEnd + 2)
    if (headEnd < 0 || end < headEnd + 2) refuse()
    const head = asText(bytes.subarray(at + 2, headEnd))
    readPart(form, head, bytes.subarray(headEnd + 4, Math.max(headEnd + 4, end)))
    at = end + 2 + delimiter.length
  }
  return form
}
