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
/** A prepared program is larger than its text: it carries source maps. */
const MAX_REPLY_BYTES = 512 * 1024 * 1024

interface Job {
  readonly source: string
  readonly options: CheckedOptions
  /** Takes what was made of the text, or why nothing was. */
  readonly done: (data: PreparedData | string) => void
}

/** A child process with the compiler in it. Starts with its first text, and anew with the next after it died under one. */
export class Compiler implements AsyncDisposable {
  #job: Job | undefined
  #child: Child | undefined
  #port: Port<PrepareOrder> | undefined
  /** Settles when the last process wanted has been started. */
  #starting: Promise<void> | undefined
  #ready = false
  #number = 0
  #deadline: NodeJS.Timeout | undefined
  #closed = false

  /** Takes one text at a time. Answers what was made of it, or why nothing was. */
  compile(source: string, options: CheckedOptions): Promise<PreparedData | string> {
    return new Promise((done) => {
      this.#job = { source, options, done }
      if (this.#child === undefined) this.#starting = this.#launch()
      else if (this.#ready) this.#send(this.#job)
    })
  }

  /** Ends the process. Whoever waits is told that its broker was closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#deadline)
    await this.#starting
    await this.#child?.end()
    this.#settle('its broker was closed')
  }

  async #launch(): Promise<void> {
    this.#ready = false
    try {
      const plan = await planOf()
      if (this.#closed) return
      const child = spawnChild(plan)
      const port = framePort<PrepareOrder>(child.pipe)
      port.allow?.(MAX_REPLY_BYTES)
      port.listen(
        (head, text) => this.#receive(head, text),
        () => void child.end(),
      )
      void child.gone.then((cause) => this.#lost(child, cause))
      this.#child = child
      this.#port = port
      this.#endAfter(START_MS)
    } catch (error) {
      const why = error instanceof NotStarted ? await error.why : String(error)
      this.#settle(`the compiler cannot be started: ${withoutPaths(why)}`)
    }
  }

  #send({ source, options }: Job): void {
    this.#number += 1
    const length = options.modules.reduce((sum, [, text]) => sum + text.length, source.length)
    this.#endAfter(BASE_MS + length * MS_PER_CHARACTER)
    this.#port?.post({ job: this.#number, options }, source)
  }

  #endAfter(ms: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => void this.#child?.end(), ms)
  }

  #receive(head: unknown, text: string): void {
    const job = parseReply(head)
    clearTimeout(this.#deadline)
    if (job === this.#number && this.#ready) {
      this.#settle(parsePrepared(text))
      return
    }
    this.#ready = true
    if (this.#job !== undefined) this.#send(this.#job)
  }

  /** The process died under a text, or was ended because the text took too long. */
  #lost(child: Child, cause: string): void {
    if (this.#child !== child) return
    const why = this.#ready
      ? 'it takes the parser too long, or more memory than there is'
      : `the compiler did not start: ${cause}`
    clearTimeout(this.#deadline)
    this.#child = undefined
    this.#port = undefined
    this.#settle(why)
  }

  #settle(data: PreparedData | string): void {
    const job = this.#job
    this.#job = undefined
    job?.done(data)
  }
}

/** Beside V8's range for machine code, what the largest programs need many times over. */
const DATA_BYTES = 5 * 1024 * 1024 * 1024

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
