/** Writes the web platform's text to standard output. */
import { buildWebPlatform } from './build.ts'

process.stdout.write((await buildWebPlatform()).text)
