import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Where the package has the text ready. A checkout has no such file and bundles it when it is first needed. */
const BUILT = new URL('./web-platform.js', import.meta.url)

let text: Promise<string> | undefined

/** The text that gives a realm the web platform. Made or read once. */
export const webText = (): Promise<string> => {
  text ??= existsSync(BUILT) ? readFile(BUILT, 'utf8') : bundled()
  return text
}

const bundled = async (): Promise<string> => {
  const { buildWebPlatform } = await import('./build.ts')
  const { text: built } = await buildWebPlatform()
  return built
}
