import { readFileSync } from 'node:fs'
import type { Part } from '../web/web-text.ts'

/** The names of the guest's files, in this order, since they share one scope and each uses what stands before it. */
export const GUEST_FILES: readonly string[] = [
  'primordials',
  'proxies',
  'base64',
  'codec-kinds',
  'codec-bytes',
  'codec-refusals',
  'codec-encode',
  'codec-decode',
  'codec',
  'errors',
  'formatted-errors',
  'error-details',
  'inspect-text',
  'inspect-names',
  'inspect-layout',
  'inspect-errors',
  'inspect-shapes',
  'inspect',
  'format',
  'console-table',
  'console',
  'native-look',
  'array-guards',
  'sort-guards',
  'pattern-guards',
  'text-guards',
  'size-guards',
  'weak-classes',
  'code-texts',
  'code-generation',
  'builtins',
  'clock',
  'timers',
  'modules',
  'host-calls',
  'globals',
  'web',
  'node-modules',
  'evaluations',
  'hand-over',
  'streams',
  'calls',
  'kernel',
]

let text: string | undefined

/**
 * The text that runs in every realm of every tier, as one expression whose value is the kernel. Read once.
 */
export const guestText = (): string => {
  text ??= `(function () {\n'use strict'\n${GUEST_FILES.map(read).join('\n')}\nreturn kernel\n})()`
  return text
}

const read = (name: string): string => readFileSync(new URL(`../guest/${name}.js`, import.meta.url), 'utf8')

/** The file names engines give to the scripts of a realm; the kernel's stack format keeps only the program's frames. */
export const KERNEL_FILE = 'guest:kernel'
export const PART_FILES: Readonly<Record<Part, string>> = { web: 'guest:web', node: 'guest:node' }
export const PROGRAM_FILE = 'guest:program'
