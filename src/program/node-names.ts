/** The modules of Node that a guest may be offered: what they do needs nothing but the language. */
export const NODE_MODULES: readonly string[] = [
  'node:assert',
  'node:assert/strict',
  'node:buffer',
  'node:events',
  'node:path',
  'node:path/posix',
  'node:querystring',
  'node:stream',
  'node:stream/promises',
  'node:string_decoder',
  'node:timers',
  'node:timers/promises',
  'node:url',
  'node:util',
  'node:util/types',
]

const OFFERED: ReadonlySet<string> = new Set(NODE_MODULES)

/** The module of Node that a specifier means, with or without its prefix, if it is offered. */
export const nodeModuleNamed = (specifier: string): string | undefined => {
  const name = specifier.startsWith('node:') ? specifier : `node:${specifier}`
  return OFFERED.has(name) ? name : undefined
}
