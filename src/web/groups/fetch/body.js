// What requests and responses carry, and the ways of reading it.

import { FormData } from 'ringfence:web'
import BlobInterface from 'jsdom/lib/generated/idl/Blob.js'
import FormDataInterface from 'jsdom/lib/generated/idl/FormData.js'
import { MIMEType } from 'whatwg-mimetype'
import { copyBytes, isBufferSource } from '../crypto/arguments.js'
import { readForm, writeForm } from './multipart.js'

/** A stream of what is there already. */
const streamOf = (source) => {
  if (!ArrayBuffer.isView(source)) return source.stream()
  const start = (controller) => {
    if (source.length > 0) controller.enqueue(source)
    controller.close()
    controller.byobRequest?.respond(0)
  }
  return new ReadableStream({ type: 'bytes', start })
}

const readAll = async (stream) => {
  const chunks = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (!(value instanceof Uint8Array)) throw new TypeError('The body has a chunk that is no Uint8Array')
    chunks.push(value)
    length += value.length
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** A body: bytes, a blob or an answer's, of which a stream is made when somebody asks for one, or a stream from the start. */
export class BodySource {
  #source
  #stream
  #taken = false

  constructor(source, stream) {
    this.#source = source
    this.#stream = stream
  }

  get stream() {
    if (this.#stream === undefined) {
      this.#stream = streamOf(this.#taken ? new Uint8Array(0) : this.#source)
      if (this.#taken) void this.#stream.getReader().cancel()
    }
    return this.#stream
  }

  get used() {
    // oxlint-disable-next-line no-underscore-dangle -- the library's own mark, which nothing of the standard shows
    return this.#taken || this.#stream?._disturbed === true
  }

  /** Throws where it was read before, or is being read. */
  expectUsable() {
    if (this.used || this.#stream?.locked === true) throw new TypeError('The body was read before, or is locked')
  }

  /** Everything, once. */
  async take() {
    this.expectUsable()
    this.#taken = true
    if (this.#stream !== undefined) return readAll(this.#stream)
    return ArrayBuffer.isView(this.#source) ? this.#source : this.#source.bytes()
  }

  /** Hands itself on, and is used itself from then on. */
  move() {
    this.expectUsable()
    const moved = new BodySource(this.#source, this.#stream?.pipeThrough(new TransformStream()))
    this.#taken = true
    return moved
  }

  clone() {
    const isKept = ArrayBuffer.isView(this.#source) || BlobInterface.is(this.#source)
    if (this.#stream === undefined && isKept) return new BodySource(this.#source)
    const [own, other] = this.stream.tee()
    this.#stream = own
    return new BodySource(undefined, other)
  }
}

const fromText = (text, type) => ({ body: new BodySource(new TextEncoder().encode(text)), type })

/** A body of what a program gives for one, and the type that it has by itself. */
export const makeBody = (given) => {
  if (BlobInterface.is(given)) return { body: new BodySource(given), type: given.type === '' ? undefined : given.type }
  if (isBufferSource(given)) return { body: new BodySource(copyBytes(given, 'The body')), type: undefined }
  if (FormDataInterface.is(given)) {
    const { blob, boundary } = writeForm(given)
    return { body: new BodySource(blob), type: `multipart/form-data; boundary=${boundary}` }
  }
  if (given instanceof URLSearchParams) {
    return fromText(String(given), 'application/x-www-form-urlencoded;charset=UTF-8')
  }
  if (given instanceof ReadableStream) {
    const body = new BodySource(undefined, given)
    body.expectUsable()
    return { body, type: undefined }
  }
  return fromText(`${given}`, 'text/plain;charset=UTF-8')
}

const decode = (bytes) => new TextDecoder().decode(bytes)

/** Says of what type a body is, where its headers do not say so already. */
export const addType = (headers, type) => {
  if (type !== undefined && !headers.has('content-type')) headers.set('content-type', type)
}

/** The type that headers name, where it is one. */
const typeOf = (headers) => {
  const text = headers.get('content-type')
  return text === null ? null : MIMEType.parse(text)
}

const formOf = (bytes, type) => {
  if (type?.essence === 'multipart/form-data') return readForm(bytes, type.parameters.get('boundary'))
  if (type?.essence !== 'application/x-www-form-urlencoded') throw new TypeError('The body is no form')
  const form = new FormData()
  for (const [name, value] of new URLSearchParams(decode(bytes))) form.append(name, value)
  return form
}

/** Gives an interface the ways of reading a body. `open` answers with its body and its headers, or throws. */
export const addBody = (Interface, open) => {
  const read = async (self, convert) => {
    const { body, headers } = open(self)
    return convert(body === null ? new Uint8Array(0) : await body.take(), headers)
  }
  const members = {
    get body() {
      return open(this).body?.stream ?? null
    },
    get bodyUsed() {
      return open(this).body?.used ?? false
    },
    arrayBuffer() {
      return read(this, (bytes) => new Uint8Array(bytes).buffer)
    },
    blob() {
      return read(this, (bytes, headers) => new Blob([bytes], { type: typeOf(headers)?.toString() ?? '' }))
    },
    bytes() {
      return read(this, (bytes) => new Uint8Array(bytes))
    },
    formData() {
      return read(this, (bytes, headers) => formOf(bytes, typeOf(headers)))
    },
    json() {
      return read(this, (bytes) => JSON.parse(decode(bytes)))
    },
    text() {
      return read(this, decode)
    },
  }
  Object.defineProperties(Interface.prototype, Object.getOwnPropertyDescriptors(members))
}
