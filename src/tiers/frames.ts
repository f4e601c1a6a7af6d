import type { Duplex } from 'node:stream'
import { RingfenceError } from '../core/errors.ts'
import type { Port } from './port.ts'

/**
 * A frame is: its length without this field (u32, little endian), the length of its head (u32), the head as JSON,
 * the text as UTF-8. Lengths are checked before a byte is kept, so a far side cannot make the reader grow.
 */
/** The cause a port gives when its stream ended in good order, or with its process. */
export const PIPE_CLOSED = 'the pipe closed'
/** How causes begin that name what was wrong in the stream itself. */
export const BROKEN_FRAME = 'Cannot read a frame'

const LENGTHS = 8
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024

const violation = (what: string): RingfenceError =>
  new RingfenceError('RF_PROTOCOL_VIOLATION', `${BROKEN_FRAME}: ${what}`)

/** Puts one message into one buffer. */
export const encodeFrame = (head: unknown, text: string): Buffer => {
  const headText = JSON.stringify(head)
  const headBytes = Buffer.byteLength(headText)
  const textBytes = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(LENGTHS + headBytes + textBytes)
  frame.writeUInt32LE(4 + headBytes + textBytes, 0)
  frame.writeUInt32LE(headBytes, 4)
  frame.write(headText, LENGTHS)
  frame.write(text, LENGTHS + headBytes)
  return frame
}

/** Reassembles frames from chunks of any size, in time linear in their bytes. Throws `RF_PROTOCOL_VIOLATION`. */
export class FrameReader {
  /** The longest frame accepted, in bytes. */
  maxBytes: number
  #chunks: Buffer[] = []
  #held = 0
  #wanted = 4

  constructor(maxBytes: number = DEFAULT_MAX_BYTES) {
    this.maxBytes = maxBytes
  }

  /** Takes a chunk and calls `onFrame` for each frame it completes. */
  push(chunk: Buffer, onFrame: (head: unknown, text: string) => void): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    while (this.#held >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? this.#first() : Buffer.concat(this.#chunks)
      const rest = this.#drain(bytes, onFrame)
      this.#chunks = rest.length === 0 ? [] : [rest]
      this.#held = rest.length
    }
  }

  #first(): Buffer {
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  /** Reads every whole frame in `bytes`; answers what is left and sets how much must be there before trying again. */
  #drain(bytes: Buffer, onFrame: (head: unknown, text: string) => void): Buffer {
    let at = 0
    for (;;) {
      if (bytes.length - at < 4) {
        this.#wanted = 4
        return bytes.subarray(at)
      }
      const length = bytes.readUInt32LE(at)
      if (length < 4 || length > this.maxBytes) {
        throw violation(`its length of ${length} bytes is outside 4 to ${this.maxBytes}`)
      }
      if (bytes.length - at < 4 + length) {
        this.#wanted = 4 + length
        return bytes.subarray(at)
      }
      const { head, text } = decodeBody(bytes.subarray(at + 4, at + 4 + length))
      at += 4 + length
      onFrame(head, text)
    }
  }
}

const decodeBody = (body: Buffer): { readonly head: unknown; readonly text: string } => {
  const headBytes = body.readUInt32LE(0)
  if (headBytes > body.length - 4) throw violation('its head is longer than itself')
  let head: unknown
  try {
    head = JSON.parse(body.toString('utf8', 4, 4 + headBytes))
  } catch (cause) {
    throw new RingfenceError('RF_PROTOCOL_VIOLATION', `${BROKEN_FRAME}: its head is not JSON`, { cause })
  }
  return { head, text: body.toString('utf8', 4 + headBytes) }
}

/** A port over a byte stream, such as a pipe to a child. Anything that is no frame closes it. */
export const framePort = <Out>(stream: Duplex, reader: FrameReader = new FrameReader()): Port<Out> => {
  let corked = false
  const uncork = (): void => {
    if (corked) stream.uncork()
    corked = false
  }
  return {
    post: (head, text = '') => {
      if (stream.destroyed) return
      if (!corked) {
        corked = true
        stream.cork()
        // After the promises of this tick, so that whatever they post goes out in one write.
        process.nextTick(uncork)
      }
      stream.write(encodeFrame(head, text))
    },
    listen: (onMessage, onClose) => {
      let told = false
      const close = (cause: string): void => {
        if (told) return
        told = true
        stream.destroy()
        onClose(cause)
      }
      stream.on('data', (chunk: Buffer) => {
        try {
          reader.push(chunk, onMessage)
        } catch (error) {
          close(error instanceof Error ? error.message : String(error))
        }
      })
      stream.on('error', (error) => close(error.message))
      stream.on('close', () => close(PIPE_CLOSED))
    },
    flush: uncork,
    close: () => {
      stream.destroy()
    },
    allow: (bytes) => {
      reader.maxBytes = Math.max(reader.maxBytes, bytes)
    },
  }
}
