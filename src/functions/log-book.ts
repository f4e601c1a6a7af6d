import type { LogLevel } from '../core/types.ts'

/** One line of a function's log. */
export interface LogLine {
  readonly at: number
  readonly level: LogLevel
  readonly text: string
  readonly invocation: string
  readonly version: number
}

/** How many lines of each function are kept, and what of each. */
const KEPT_LINES = 1000
const LINE_CHARACTERS = 8192
/** A reader that lags behind by so many lines loses the oldest of them. */
const READER_LINES = 10_000

interface Reader {
  readonly lines: LogLine[]
  wake: () => void
}

/** Keeps the last lines of each function, and hands new ones to whoever follows. */
export class LogBook {
  readonly #lines = new Map<string, LogLine[]>()
  readonly #readers = new Map<string, Set<Reader>>()

  write(name: string, line: LogLine): void {
    const kept = this.#lines.get(name) ?? []
    this.#lines.set(name, kept)
    const short = { ...line, text: line.text.slice(0, LINE_CHARACTERS) }
    kept.push(short)
    if (kept.length > KEPT_LINES) kept.shift()
    for (const reader of this.#readers.get(name) ?? []) {
      reader.lines.push(short)
      if (reader.lines.length > READER_LINES) reader.lines.shift()
      reader.wake()
    }
  }

  /** The last lines, the oldest first. */
  read(name: string): readonly LogLine[] {
    return [...(this.#lines.get(name) ?? [])]
  }

  /** New lines as they come, until aborted or left. */
  async *follow(name: string, signal: AbortSignal): AsyncGenerator<LogLine, void, undefined> {
    const readers = this.#readers.get(name) ?? new Set()
    const reader: Reader = { lines: [], wake: () => {} }
    this.#readers.set(name, readers.add(reader))
    const onAbort = (): void => reader.wake()
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted) {
        yield* reader.lines.splice(0)
        if (reader.lines.length > 0 || signal.aborted) continue
        await new Promise<void>((resolve) => {
          reader.wake = resolve
        })
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      readers.delete(reader)
      if (readers.size === 0 && this.#readers.get(name) === readers) this.#readers.delete(name)
    }
  }

  forget(name: string): void {
    this.#lines.delete(name)
  }
}
