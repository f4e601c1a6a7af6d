import vm from 'node:vm'
import { PROGRAM_FILE } from './guest-text.ts'

const MAX_SCRIPTS = 256
/** In characters, of which a compiled script takes a few bytes each. */
const MAX_TEXT = 16 * 1024 * 1024

const scripts = new Map<string, vm.Script>()
let held = 0

/**
 * A program's script, compiled once for all its realms in this thread that belong to one partition. Throws the engine's
 * `SyntaxError`.
 *
 * ATTACK: a tenant runs a text it guesses another one runs, and sees by the time whether it was compiled before. V8 keeps a
 * cache of its own, by text; so the partition stands in the text, behind the end of all that has places in it.
 */
export const compiled = (text: string, partition: string): vm.Script => {
  const marked = `${text}\n//${partition}`
  const known = scripts.get(marked)
  if (known !== undefined) return known
  const fresh = new vm.Script(marked, { filename: PROGRAM_FILE })
  scripts.set(marked, fresh)
  held += marked.length
  for (const oldest of scripts.keys()) {
    if (scripts.size <= MAX_SCRIPTS && held <= MAX_TEXT) break
    scripts.delete(oldest)
    held -= oldest.length
  }
  return fresh
}
