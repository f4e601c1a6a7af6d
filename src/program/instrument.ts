import { MagicString } from 'magic-string'
import { Visitor } from 'oxc-parser'
import type { SourceMap } from 'oxc-transform'
import { keepCompletion } from './completion.ts'
import { freeUses, literalText } from './free-names.ts'
import { parse } from './syntax.ts'

/** The name under which a CommonJS module or a script finds our loader. */
export const IMPORT_NAME = '__ringfence_import__'

/** Code whose `import()` goes to our loader, and whose last value is kept when it is a script. */
export interface Instrumented {
  readonly code: string
  readonly map: SourceMap
  readonly strict: boolean
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
  readonly computesImports: boolean
}

/**
 * Rewrites printed JavaScript by the places its tree gives, never by searching text: `import(…)` would reach the host's
 * loader, whose promise is a host object.
 */
export const instrument = (code: string, kind: 'commonjs' | 'script'): Instrumented => {
  const { program: ast } = parse('guest.js', code, kind)
  const dynamicImports: string[] = []
  let computesImports = false
  const places: [start: number, end: number][] = []
  new Visitor({
    // Up to its argument, so that `import.defer(` goes the same way as `import(`.
    ImportExpression: ({ start, source }) => {
      places.push([start, source.start])
      const specifier = literalText(source)
      if (specifier === undefined) computesImports = true
      else dynamicImports.push(specifier)
    },
  }).visit(ast)
  const edit = (text: string): MagicString => {
    const out = new MagicString(text)
    for (const [start, end] of places) out.overwrite(start, end, `${IMPORT_NAME}(`)
    if (kind === 'script') keepCompletion(ast.body, out)
    return out
  }
  const edited = edit(code)
  const lines = withLineFeeds(code)
  const mapped = lines === code ? edited : edit(lines)
  const { mappings, names, sources } = mapped.generateMap({ hires: 'boundary', source: 'guest.js' })
  const uses = kind === 'commonjs' ? freeUses(ast) : []
  const imports = uses.flatMap(({ specifier }) => specifier ?? [])
  if (uses.some(({ name, specifier }) => name === 'require' && specifier === undefined)) computesImports = true
  const strict = ast.body.some((node) => 'directive' in node && node.directive === 'use strict')
  const map = { version: 3, mappings, names, sources }
  return { code: edited.toString(), map, strict, imports, dynamicImports, computesImports }
}

/** Within templates, V8 and oxc end lines at U+2028 and U+2029 too, but the map's maker at line feeds only. */
const withLineFeeds = (code: string): string => code.replaceAll('\r\n', ' \n').replaceAll(/[\r\u2028\u2029]/g, '\n')
