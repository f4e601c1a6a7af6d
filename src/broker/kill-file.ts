import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'

/** How often it is looked for. `fs.watch` tells nothing on network drives, and late or twice elsewhere. */
const LOOK_EVERY_MS = 50
const MAX_REASON_BYTES = 1000
const NO_TEXT = 'The kill file is there'

/**
 * Looks whether a file is there, at once and then again and again, and tells what it says. Looks without going through
 * Node's few threads for files, which others may hold up. Owns a timer that never keeps the process alive.
 */
export class KillFile implements Disposable {
  readonly #path: string
  readonly #onChange: (text: string | undefined) => void
  readonly #timer: NodeJS.Timeout
  #seen: string | undefined

  constructor(path: string, onChange: (text: string | undefined) => void) {
    this.#path = path
    this.#onChange = onChange
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
    this.#look()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const version = versionOf(this.#path)
    if (version === this.#seen) return
    this.#seen = version
    this.#onChange(version === undefined ? undefined : textOf(this.#path))
  }
}

/** Differs when the file was written since; undefined when there is none. What cannot be looked at counts as there. */
function versionOf(path: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat && `${stat.ino} ${stat.size} ${stat.mtimeMs}`
  } catch {
    return 'it cannot be looked at'
  }
}

/** Without waiting, whatever it is: to open a named pipe would hold the host up until somebody writes. */
function textOf(path: string): string {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!fstatSync(file).isFile()) return NO_TEXT
      const bytes = Buffer.alloc(MAX_REASON_BYTES)
      return bytes.toString('utf8', 0, readSync(file, bytes)).trim() || NO_TEXT
    } finally {
      closeSync(file)
    }
  } catch {
    // What counts is that it is there.
    return NO_TEXT
  }
}
