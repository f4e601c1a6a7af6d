import vm from 'node:vm'
import { PROGRAM_FILE } from './guest-text.ts'

const MAX_SCRIPTS = 256
/** In characters, of which a compiled script takes a few bytes each. */
const MAX_TEXT = 16 * 1024 * 1024

const scripts = new Map<string, vm.Script>()
let held = 0

/** A program's script, compiled once for all its realms in this thread. Throws the engine's `SyntaxError`. */
export const compiled = (text: string): vm.Script => {
  const known = scripts.get(text)
  if (known !== undefined) return known
  const fresh = new vm.Script(text, { filename: PROGRAM_FILE })
  scripts.set(text, fresh)
  held += text.length
  for (const oldest of scripts.keys()) {
    if (scripts.size <= MAX_SCRIPTS && held <= MAX_TEXT) break
    scripts.delete(oldest)
    held -= oldest.length
  }
  return fresh
}
