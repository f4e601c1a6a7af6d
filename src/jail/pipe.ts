import net from 'node:net'
import process from 'node:process'
import { Duplex, type Readable, type Writable } from 'node:stream'

/**
 * How the protocol reaches a child: on a descriptor of its own, or, where a runtime passes on no more than the first
 * three, through standard input and output, which `stdioStage` moves away before Node starts.
 */
export type Transport = 'descriptor' | 'stdio'
export const TRANSPORTS: readonly Transport[] = ['descriptor', 'stdio']

/** The descriptor of the pipe to the broker; of its way there alone, where that is another one than the way back. */
export const PIPE_FD = 3
const BACK_FD = 4
/** The last word on the command line of a child whose pipe is two descriptors. */
export const TWO_DESCRIPTORS = 'two-descriptors'

const hasTwo = (): boolean => process.argv.at(-1) === TWO_DESCRIPTORS

/** In a child: the descriptor on which the broker listens. */
export const backFd = (): number => (hasTwo() ? BACK_FD : PIPE_FD)

/** In a child: opens its end of the pipe. Before rights are dropped, of which this takes one. */
export const openPipe = (): Duplex =>
  hasTwo()
    ? joinPipes(
        new net.Socket({ fd: PIPE_FD, readable: true, writable: false }),
        new net.Socket({ fd: BACK_FD, readable: false, writable: true }),
      )
    : new net.Socket({ fd: PIPE_FD, readable: true, writable: true })

/** One stream of two, which it owns. */
export const joinPipes = (readable: Readable, writable: Writable): Duplex => new JoinedPipes(readable, writable)

class JoinedPipes extends Duplex {
  readonly #readable: Readable
  readonly #writable: Writable

  constructor(readable: Readable, writable: Writable) {
    super()
    this.#readable = readable
    this.#writable = writable
    readable.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) readable.pause()
    })
    readable.once('end', () => this.push(null))
    // The end of what can be read is the end of both: whoever wrote there is gone.
    this.once('end', () => this.destroy())
    readable.once('close', () => this.push(null))
    for (const part of [readable, writable]) part.on('error', (error: Error) => this.destroy(error))
  }

  override _read(): void {
    this.#readable.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#writable.write(chunk, done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#writable.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#writable.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#readable.destroy()
    this.#writable.destroy()
    done(error)
  }
}
