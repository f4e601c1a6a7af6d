// Compression streams: zlib's port does the work, the standard says what is an error.

import { Deflate, Inflate } from 'pako'

const FORMATS = {
  __proto__: null,
  deflate: { compress: {}, decompress: { windowBits: 15 } },
  'deflate-raw': { compress: { raw: true }, decompress: { raw: true } },
  gzip: { compress: { gzip: true }, decompress: { windowBits: 31 } },
}

const formatOf = (name, count, format) => {
  if (count === 0) throw new TypeError(`Failed to construct '${name}': 1 argument required, but only 0 present`)
  const known = FORMATS[`${format}`]
  if (known === undefined) throw new TypeError(`Failed to construct '${name}': unsupported format '${format}'`)
  return known
}

const bytesOf = (chunk) => {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw new TypeError('The chunk is not an ArrayBuffer or a view of one')
}

const check = (work) => {
  if (work.err !== 0) throw new TypeError(`The data is not valid: ${work.msg || work.err}`)
}

const compressing = (options) => {
  const work = new Deflate(options)
  return new TransformStream({
    start: (controller) => {
      work.onData = (data) => controller.enqueue(data)
    },
    transform: (chunk) => {
      work.push(bytesOf(chunk), false)
      check(work)
    },
    flush: () => {
      work.push(new Uint8Array(), true)
      check(work)
    },
  })
}

const decompressing = (options) => {
  const work = new Inflate(options)
  let done = false
  work.onEnd = (status) => {
    work.err = status
    done = status === 0
  }
  return new TransformStream({
    start: (controller) => {
      work.onData = (data) => controller.enqueue(data)
    },
    transform: (chunk) => {
      const bytes = bytesOf(chunk)
      if (bytes.length === 0) return
      if (done) throw new TypeError('There is data after the end of the compressed data')
      work.push(bytes, false)
      check(work)
      if (done && work.strm.avail_in > 0) throw new TypeError('There is data after the end of the compressed data')
    },
    flush: () => {
      if (!done) throw new TypeError('The compressed data ends too early')
    },
  })
}

class CompressionStream {
  #stream
  constructor(format) {
    this.#stream = compressing(formatOf('CompressionStream', arguments.length, format).compress)
  }
  get readable() {
    return this.#stream.readable
  }
  get writable() {
    return this.#stream.writable
  }
}

class DecompressionStream {
  #stream
  constructor(format) {
    this.#stream = decompressing(formatOf('DecompressionStream', arguments.length, format).decompress)
  }
  get readable() {
    return this.#stream.readable
  }
  get writable() {
    return this.#stream.writable
  }
}

for (const Interface of [CompressionStream, DecompressionStream]) {
  for (const name of ['readable', 'writable']) Object.defineProperty(Interface.prototype, name, { enumerable: true })
  Object.defineProperty(Interface.prototype, Symbol.toStringTag, { value: Interface.name, configurable: true })
}

export { CompressionStream, DecompressionStream }
