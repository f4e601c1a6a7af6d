/** Builds the package into `dist`. */
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildInto } from './build-into.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
rmSync('dist', { recursive: true, force: true })
await buildInto('dist', 'checked')
