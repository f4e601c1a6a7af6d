import type { Prepared } from './prepare.ts'
import type { CheckedOptions } from './prepare-options.ts'

const MAX_PROGRAMS = 256
/** In characters of source and script together. */
const MAX_TEXT = 64 * 1024 * 1024

interface Entry {
  readonly prepared: Prepared
  readonly size: number
}

/** By everything that decides the result, least recently used first. */
const entries = new Map<string, Entry>()
let held = 0

const keyOf = (source: string, { filename, kind, modules, hostModules }: CheckedOptions): string =>
  `${JSON.stringify([filename, kind, modules, hostModules])}\n${source}`

/** Answers what was made of the same text and options before, if it is still remembered. */
export const recall = (source: string, options: CheckedOptions): Prepared | undefined => {
  const key = keyOf(source, options)
  const known = entries.get(key)
  if (known === undefined) return undefined
  entries.delete(key)
  entries.set(key, known)
  return known.prepared
}

/** Remembers what was made of a text, until newer ones need the room. */
export const remember = (source: string, options: CheckedOptions, prepared: Prepared): void => {
  const key = keyOf(source, options)
  const size = key.length + (prepared.kind === 'ready' ? prepared.program.script.length : 0)
  held += size - (entries.get(key)?.size ?? 0)
  entries.set(key, { prepared, size })
  for (const [oldest, entry] of entries) {
    if (entries.size <= MAX_PROGRAMS && held <= MAX_TEXT) return
    entries.delete(oldest)
    held -= entry.size
  }
}
