import { asBytes } from './pieces.ts'

type Listener = (...args: readonly unknown[]) => void

/** So many bytes may wait before a handler is asked to. */
const HIGH_WATER_MARK = 16_384

/** What a streaming Lambda handler writes to, with the part of Node's `Writable` that such handlers use. */
export class ResponseStream {
  /** What the handler said of its answer, before its first byte. */
  metadata: Readonly<Record<string, unknown>> | undefined
  contentType = 'application/octet-stream'
  /** Resolves with its first byte or its end. */
  readonly begun: Promise<void>
  readonly #begin: () => void
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #end: 'open' | 'ended' | { readonly error: unknown } = 'open'
  #wake: () => void = () => {}

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.begun = promise
    this.#begin = resolve
  }

  get writable(): boolean {
    return this.#end === 'open'
  }

  get writableEnded(): boolean {
    return this.#end === 'ended'
  }

  get writableNeedDrain(): boolean {
    return this.#waitingBytes >= HIGH_WATER_MARK
  }

  /** Says status, headers and cookies. */
  begin(metadata: Readonly<Record<string, unknown>>): void {
    this.metadata = metadata
  }

  setContentType(type: unknown): void {
    this.contentType = String(type)
  }

  /** Answers whether the handler may go on without waiting for `drain`. */
  write(chunk: unknown, encoding?: unknown, callback: unknown = encoding): boolean {
    if (this.#end !== 'open') throw new Error('Cannot write to a response that has ended')
    const bytes = asBytes(chunk)
    this.#begin()
    if (bytes.length > 0) {
      this.#waiting.push(bytes)
      this.#waitingBytes += bytes.length
    }
    this.#wake()
    if (typeof callback === 'function') queueMicrotask(() => void Reflect.apply(callback, undefined, []))
    return !this.writableNeedDrain
  }

  end(chunk?: unknown): this {
    if (this.#end !== 'open') return this
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk)
    this.#close('ended')
    this.emit('finish')
    this.emit('close')
    return this
  }

  destroy(error?: unknown): this {
    if (this.#end === 'open') this.#close({ error: error ?? new Error('The response was destroyed') })
    return this
  }

  on(name: string, listener: Listener): this {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all.add(listener))
    return this
  }

  once(name: string, listener: Listener): this {
    const one = (...args: readonly unknown[]): void => {
      this.off(name, one)
      listener(...args)
    }
    return this.on(name, one)
  }

  off(name: string, listener: Listener): this {
    this.#listeners.get(name)?.delete(listener)
    return this
  }

  emit(name: string, ...args: readonly unknown[]): boolean {
    const all = [...(this.#listeners.get(name) ?? [])]
    for (const listener of all) listener(...args)
    return all.length > 0
  }

  /** What is written, as it comes. Throws what the handler threw. */
  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) {
        const wasFull = this.writableNeedDrain
        this.#waitingBytes -= next.length
        if (wasFull && !this.writableNeedDrain) queueMicrotask(() => this.emit('drain'))
        yield next
      } else if (this.#end === 'open') {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (this.#end === 'ended') return
      else throw this.#end.error
    }
  }

  #close(end: 'ended' | { readonly error: unknown }): void {
    this.#end = end
    this.#begin()
    this.#wake()
  }
}
