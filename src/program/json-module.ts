import type { ModuleResult } from './prepared-module.ts'
import { parse, startOf, syntaxError } from './syntax.ts'

/** Prepares a JSON text, which a guest parses when it is imported. */
export const jsonModule = (name: string, source: string): ModuleResult => {
  try {
    JSON.parse(source)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'invalid', error: syntaxError(name, source, message, offsetIn(message, source)) }
  }
  const nothing = { code: '', strict: false, maps: [], imports: [], dynamicImports: [], computesImports: false }
  return { kind: 'module', module: { name, kind: 'json', source, ...nothing } }
}

/** V8 names the place in the message for some errors; for the others, our parser meets the same place in an expression. */
const offsetIn = (message: string, source: string): number => {
  const place = /at position (\d+)/.exec(message)?.[1]
  if (place !== undefined) return Number(place)
  const [complaint] = parse('guest.js', `(${source}`, 'script').errors
  return complaint === undefined ? 0 : Math.max(0, Math.min(startOf(complaint) - 1, source.length))
}
