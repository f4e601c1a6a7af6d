import type { HostFunction, HostFunctions } from '../core/sandbox.ts'

/**
 * The only way out for a guest during one call: counts and invokes the functions it was granted. Answers are `1` and
 * the encoded result, or `0` and the error's name, its code and its message, parted by line breaks: nothing else of the host.
 */
export class HostDoor {
  readonly #functions: HostFunctions
  readonly #maxCalls: number
  readonly #onLimit: () => void
  /** Made for the first function invoked: a call that invokes none should not pay for it. */
  #call: AbortController | undefined
  #open = true
  #calls = 0
  #used = false

  constructor(functions: HostFunctions, maxCalls: number, onLimit: () => void) {
    this.#functions = functions
    this.#maxCalls = maxCalls
    this.#onLimit = onLimit
  }

  /** Whether the guest has called anything yet, granted or not. */
  get used(): boolean {
    return this.#used
  }

  /** The call ended: its host functions are told so, and no further one starts. */
  close(): void {
    this.#open = false
    this.#call?.abort(ENDED)
  }

  /** Invokes a synchronous function. Never throws and never rejects. */
  callSync(name: string, args: string): string | Promise<string> {
    const granted = this.#functions.get(name)
    if (!this.#count(granted)) return LIMIT_REACHED
    if (granted?.sync !== true) return NOT_GRANTED
    try {
      const answer = granted.invoke(args, this.#signal())
      return typeof answer === 'string' ? `1${answer}` : answer.then((text) => `1${text}`, errorAnswer)
    } catch (error) {
      return errorAnswer(error)
    }
  }

  /** Invokes a function as a record names it: its name, a line break, its arguments. Never rejects. */
  async call(record: string): Promise<string> {
    const split = record.indexOf('\n')
    const granted = this.#functions.get(record.slice(0, split))
    if (!this.#count(granted)) return LIMIT_REACHED
    return granted === undefined || granted.sync ? NOT_GRANTED : this.#invoke(granted, record.slice(split + 1))
  }

  async #invoke(granted: HostFunction, args: string): Promise<string> {
    try {
      return `1${await granted.invoke(args, this.#signal())}`
    } catch (error) {
      return errorAnswer(error)
    }
  }

  #signal(): AbortSignal {
    this.#call ??= new AbortController()
    return this.#call.signal
  }

  #count(granted: HostFunction | undefined): boolean {
    if (!this.#open) return false
    this.#used = true
    if (granted?.ofKernel === true) return true
    this.#calls += 1
    if (this.#calls <= this.#maxCalls) return true
    this.#onLimit()
    return false
  }
}

/** A reason given once costs nothing; the default one makes a DOMException with a stack each time. */
const ENDED = new Error('The call of the guest has ended')
const NOT_GRANTED = '0TypeError\n\nCannot call a host function: it was not granted'
const LIMIT_REACHED = '0RangeError\n\nCannot call a host function: the limit of host calls is reached'

const errorAnswer = (error: unknown): string => {
  const name = error instanceof Error ? error.name : 'Error'
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return `0${oneLine(name)}\n${oneLine(code)}\n${message}`
}

/** A line break in a name would move what follows it into another field. */
const oneLine = (text: string): string => text.replaceAll('\n', ' ')
