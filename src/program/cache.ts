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

/** Answers what was prepared before from the same text and options, else prepares it and remembers it for a while. */
export const cached = (
  source: string,
  options: CheckedOptions,
  make: (source: string, options: CheckedOptions) => Prepared,
): Prepared => {
  const { filename, kind, modules, hostModules } = options
  const key = `${JSON.stringify([filename, kind, modules, hostModules])}\n${source}`
  const known = entries.get(key)
  if (known !== undefined) {
    entries.delete(key)
    entries.set(key, known)
    return known.prepared
  }
  const prepared = make(source, options)
  remember(key, prepared)
  return prepared
}

const remember = (key: string, prepared: Prepared): void => {
  const size = key.length + (prepared.kind === 'ready' ? prepared.program.script.length : 0)
  entries.set(key, { prepared, size })
  held += size
  for (const [oldest, entry] of entries) {
    if (entries.size <= MAX_PROGRAMS && held <= MAX_TEXT) return
    entries.delete(oldest)
    held -= entry.size
  }
}
