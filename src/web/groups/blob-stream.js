// What jsdom's Blob lacks: its content as a stream.

const CHUNK_BYTES = 65_536

/** Gives a Blob interface its method `stream`. */
export const addStream = (Blob) => {
  const slice = Function.prototype.call.bind(Blob.prototype.slice)
  const size = Function.prototype.call.bind(Object.getOwnPropertyDescriptor(Blob.prototype, 'size').get)
  const bytes = Function.prototype.call.bind(Blob.prototype.bytes)
  const { stream } = {
    stream() {
      const length = size(this)
      let from = 0
      const pull = async (controller) => {
        if (from < length) {
          const chunk = await bytes(slice(this, from, from + CHUNK_BYTES))
          from += chunk.byteLength
          controller.enqueue(chunk)
        }
        if (from >= length) {
          controller.close()
          controller.byobRequest?.respond(0)
        }
      }
      return new ReadableStream({ type: 'bytes', pull }, { highWaterMark: 0 })
    },
  }
  Object.defineProperty(Blob.prototype, 'stream', {
    value: stream,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
