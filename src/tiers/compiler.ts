import { RingfenceError } from '../core/errors.ts'
import { withoutPaths } from '../core/without-paths.ts'
import type { CheckedOptions } from '../program/prepare-options.ts'
import type { PreparedData } from '../program/program-data.ts'
import { type Child, type ChildPlan, NotStarted, spawnChild } from './child.ts'
import { entryUrl } from './entry-url.ts'
import { framePort } from './frames.ts'
import { PERMISSION_FLAGS } from './permission.ts'
import type { Port } from './port.ts'
import { type PrepareOrder, parsePrepared, parseReply } from './prepare-protocol.ts'
import { COMPILING_PACKAGES, wallOf } from './wall.ts'

/** How long a text may take: as much for each character as the largest honest programs need, three times over. */
const BASE_MS = 500
const MS_PER_CHARACTER = 1 / 250
const START_MS = 10_000
/** How long a text may still take that nobody waits for: starting another compiler takes longer. */
const HURRY_MS = 50
const MIB = 1024 * 1024
/** What a compiler may hold for a text: with small statements throughout, one character takes a kilobyte of tree. */
const BYTES_PER_CHARACTER = 1536
const MAX_BYTES = 2304 * MIB
const LOOK_EVERY_MS = 20
/** A compiler that holds more than this after a text gives none of it back to the next: it is started anew. */
const KEPT_BYTES = 512 * MIB
/** What the next text finds taken, and a quarter of a gigabyte for the shortest one. */
const BASE_BYTES = KEPT_BYTES + 256 * MIB
/** A prepared program is larger than its text: it carries source maps. */
const MAX_REPLY_BYTES = 512 * 1024 * 1024

/** What came of a text: what the compiler made of it, why its text is at fault, or how the process under it died. */
export type Compiled =
  | { readonly kind: 'done'; readonly data: PreparedData }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'lost'; readonly cause: string }

interface Job {
  readonly source: string
  readonly options: CheckedOptions
  readonly characters: number
  readonly done: (compiled: Compiled) => void
}

/** A child process with the compiler in it, to be started before its first text, and anew after it died under one. */
export class Compiler implements AsyncDisposable {
  #job: Job | undefined
  #child: Child | undefined
  #port: Port<PrepareOrder> | undefined
  #starting: PromiseWithResolvers<void> | undefined
  /** Settles when the process before this one is gone. */
  #leaving: Promise<void> | undefined
  #number = 0
  /** Why we ended the process, when we did. */
  #verdict: string | undefined
  #deadline: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #closed = false
  readonly #limitOf: (characters: number) => number

  constructor(limitOf: (characters: number) => number = bytesFor) {
    this.#limitOf = limitOf
  }

  /** Whether there is a process that takes texts. */
  get isRunning(): boolean {
    return this.#child !== undefined && this.#starting === undefined
  }

  /** Starts the process. Rejects with `RF_CARRIER_FAILED` when it cannot be started, or ends before it is ready. */
  async start(): Promise<void> {
    const starting = Promise.withResolvers<void>()
    this.#starting = starting
    try {
      const plan = await planOf()
      await this.#leaving
      if (this.#closed) throw new Error('its broker was closed')
      this.#follow(spawnChild(plan))
      this.#endAfter(START_MS, `it did not answer within ${START_MS} ms`)
      await starting.promise
    } catch (error) {
      const why = error instanceof NotStarted ? await error.why : messageOf(error)
      throw new RingfenceError('RF_CARRIER_FAILED', `Cannot start a carrier: ${withoutPaths(why)}`, { cause: error })
    } finally {
      this.#starting = undefined
    }
  }

  /** Takes one text at a time, while it is running. A text whose signal is aborted has `HURRY_MS` left. */
  compile(source: string, options: CheckedOptions, signal: AbortSignal): Promise<Compiled> {
    if (this.#port === undefined) return Promise.resolve({ kind: 'lost', cause: 'it ended before its text' })
    const characters = options.modules.reduce((sum, [, text]) => sum + text.length, source.length)
    const onAbort = (): void => this.#endAfter(HURRY_MS, 'nobody waits for it any more')
    const { promise, resolve } = Promise.withResolvers<Compiled>()
    this.#job = { source, options, characters, done: resolve }
    this.#send(this.#job)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    return promise.finally(() => signal.removeEventListener('abort', onAbort))
  }

  /** Ends the process, with what is being compiled. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#verdict ??= 'its broker was closed'
    await Promise.all([this.#child?.end(), this.#leaving])
    this.#rest()
  }

  #follow(child: Child): void {
    const port = framePort<PrepareOrder>(child.pipe)
    port.allow?.(MAX_REPLY_BYTES)
    port.listen(
      (head, text) => this.#receive(head, text),
      () => void child.end(),
    )
    void child.gone.then((cause) => this.#lost(child, cause))
    this.#child = child
    this.#port = port
    this.#verdict = undefined
  }

  #send({ source, options, characters }: Job): void {
    this.#number += 1
    const wallMs = Math.round(BASE_MS + characters * MS_PER_CHARACTER)
    const memoryBytes = this.#limitOf(characters)
    this.#endAfter(wallMs, `it takes the parser too long: more than ${wallMs} ms`)
    this.#watch = setInterval(() => {
      if (this.#held() > memoryBytes) this.#end(tooMuch(memoryBytes))
    }, LOOK_EVERY_MS)
    this.#port?.post({ job: this.#number, options }, source)
  }

  #endAfter(ms: number, why: string): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => this.#end(why), ms)
  }

  #end(why: string): void {
    this.#verdict ??= why
    void this.#child?.end()
  }

  #receive(head: unknown, text: string): void {
    const job = parseReply(head)
    if (this.#starting !== undefined) {
      this.#rest()
      this.#starting.resolve()
    } else if (job === this.#number) {
      if (this.#held() > KEPT_BYTES) this.#forget()
      this.#settle({ kind: 'done', data: parsePrepared(text) })
    }
  }

  #lost(child: Child, cause: string): void {
    if (this.#child !== child) return
    this.#forget()
    this.#starting?.reject(new Error(this.#verdict ?? cause))
    this.#settle(this.#verdict === undefined ? { kind: 'lost', cause } : { kind: 'refused', why: this.#verdict })
  }

  /** Ends the process, if it has not ended, and waits for nothing more from it. */
  #forget(): void {
    const child = this.#child
    this.#child = undefined
    this.#port = undefined
    this.#leaving = child?.end()
  }

  #held(): number {
    return this.#child?.residentBytes() ?? 0
  }

  #settle(compiled: Compiled): void {
    this.#rest()
    const job = this.#job
    this.#job = undefined
    job?.done(compiled)
  }

  #rest(): void {
    clearTimeout(this.#deadline)
    clearInterval(this.#watch)
  }
}

const bytesFor = (characters: number): number => Math.min(MAX_BYTES, BASE_BYTES + characters * BYTES_PER_CHARACTER)

const tooMuch = (bytes: number): string =>
  `it takes the parser too much memory: more than ${Math.round(bytes / MIB)} MiB`

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Beside V8's range for machine code, what the largest programs need many times over. */
const DATA_BYTES = 5 * 1024 * MIB

const planOf = async (): Promise<ChildPlan> => {
  const { prefix, jail } = await wallOf('auto', COMPILING_PACKAGES)
  return {
    prefix,
    ...(jail === undefined ? {} : { jailed: { jail, bounds: { dataBytes: DATA_BYTES } } }),
    nodeFlags: PERMISSION_FLAGS,
    entry: entryUrl('prepare-entry'),
    args: [],
  }
}
