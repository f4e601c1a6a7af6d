import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Where the package has the text ready. A checkout has no such file and bundles it when it is first needed. */
const BUILT = new URL('./web-platform.js', import.meta.url)

const BUILDER = new URL('./print-web-platform.ts', import.meta.url)
const MAX_TEXT = 16 * 1024 * 1024

let text: Promise<string> | undefined

/** The text that gives a realm the web platform. Made or read once. */
export const webText = (): Promise<string> => {
  text ??= existsSync(BUILT) ? readFile(BUILT, 'utf8') : bundled()
  return text
}

/** In a process of its own: the bundler would leave one behind, with its threads and its memory in this one. */
const bundled = async (): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(BUILDER)], { maxBuffer: MAX_TEXT })
  return stdout
}
