import { existsSync, type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import type { Deployment } from '../functions/deployment.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import { bundle } from '../index.ts'
import { found } from '../server/http-answers.ts'

/** What every function of a folder has. */
export type DevSettings = Pick<Deployment, 'trust' | 'tier' | 'modules' | 'limits' | 'environment'>

/** What became of a file. */
export type DevEvent =
  | { readonly kind: 'serving'; readonly name: string; readonly version: number; readonly handler: string | undefined }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | { readonly kind: 'gone'; readonly name: string }

/** Files that are functions; tests and declarations are none, and neither is what begins with a dot or an underscore. */
const FUNCTION = /^(?![._])(?!.*\.(?:test|spec|d)\.)(.+)\.[cm]?[jt]s$/
/** An editor writes a file in several steps. */
const SETTLE_MS = 60

/** Keeps a host at what the files of a folder say, each the text of one function. */
export class DevFolder implements Disposable {
  readonly #folder: string
  readonly #host: FunctionHost
  readonly #settings: DevSettings
  readonly #tell: (event: DevEvent) => void
  /** What was tried last, by name, be it served or not. */
  readonly #tried = new Map<string, string>()
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(folder: string, host: FunctionHost, settings: DevSettings, tell: (event: DevEvent) => void) {
    this.#folder = folder
    this.#host = host
    this.#settings = settings
    this.#tell = tell
  }

  /** Deploys what is there, and what changes from now on. Throws when the folder cannot be read. */
  async open(): Promise<void> {
    readdirSync(this.#folder)
    this.#watcher = watch(this.#folder, { recursive: true }, () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#refresh(), SETTLE_MS)
    })
    this.#refresh()
    await this.#work
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
    clearTimeout(this.#timer)
  }

  /** One after the other: a change that comes meanwhile is looked at afterwards. */
  #refresh(): void {
    this.#work = this.#work.then(() => this.#update())
  }

  async #update(): Promise<void> {
    const files = filesOf(this.#folder)
    for (const [name, path] of files) await this.#updateOne(name, path)
    for (const name of this.#tried.keys()) if (!files.has(name)) await this.#remove(name)
  }

  async #updateOne(name: string, path: string): Promise<void> {
    const text = await this.#read(name, path)
    const key = 'problem' in text ? text.problem : text.source
    if (this.#tried.get(name) === key) return
    this.#tried.set(name, key)
    try {
      if ('problem' in text) throw new Error(text.problem)
      const { version, handler } = await this.#host.deploy({ ...this.#settings, ...text, name })
      this.#tell({ kind: 'serving', name, version, handler })
    } catch (error) {
      this.#tell({ kind: 'failed', name, message: messageOf(error) })
    }
  }

  /** The text of a function: that of its file, or of its file with all it imports. */
  async #read(
    name: string,
    path: string,
  ): Promise<{ readonly source: string; readonly filename: string } | { readonly problem: string }> {
    try {
      const text = readFileSync(path, 'utf8')
      if (!/\b(?:import|require)\b/.test(text)) return { source: text, filename: basename(path) }
      const { modules } = this.#settings
      const { source } = await bundle(path, { ...(modules !== undefined && { modules }) })
      return { source, filename: `${name}.js` }
    } catch (error) {
      return { problem: messageOf(error) }
    }
  }

  async #remove(name: string): Promise<void> {
    this.#tried.delete(name)
    if ((await found(this.#host, name)) !== undefined) await this.#host.remove(name)
    this.#tell({ kind: 'gone', name })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The functions of a folder, by name; none where the folder is gone. */
function filesOf(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  if (!existsSync(folder)) return files
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const [, name] = FUNCTION.exec(entry.name) ?? []
    if (name !== undefined && entry.isFile()) files.set(name, join(folder, entry.name))
  }
  return files
}
