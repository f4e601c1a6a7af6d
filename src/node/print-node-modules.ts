/** Writes the text of Node's modules to standard output. */
import { buildNodeModules } from './build.ts'

process.stdout.write((await buildNodeModules()).text)
