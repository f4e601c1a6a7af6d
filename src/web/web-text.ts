import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What a realm may be equipped with: the web platform, and modules of Node. */
export type Part = 'web' | 'node'

/** Where the package has the texts ready. A checkout has no such files and bundles each when it is first needed. */
const BUILT: Readonly<Record<Part, URL>> = {
  web: new URL('./web-platform.js', import.meta.url),
  node: new URL('../node/node-modules.js', import.meta.url),
}

const BUILDERS: Readonly<Record<Part, URL>> = {
  web: new URL('./print-web-platform.ts', import.meta.url),
  node: new URL('../node/print-node-modules.ts', import.meta.url),
}
const MAX_TEXT = 16 * 1024 * 1024

const texts = new Map<Part, Promise<string>>()

/** The text that gives a realm one of its parts. Made or read once. */
export const textOf = (part: Part): Promise<string> => {
  const known = texts.get(part)
  if (known !== undefined) return known
  const text = existsSync(BUILT[part]) ? readFile(BUILT[part], 'utf8') : bundled(BUILDERS[part])
  texts.set(part, text)
  return text
}

/** The text that gives a realm the web platform. */
export const webText = (): Promise<string> => textOf('web')

/** In a process of its own: the bundler would leave one behind, with its threads and its memory in this one. */
const bundled = async (builder: URL): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(builder)], { maxBuffer: MAX_TEXT })
  return stdout
}
