import { MagicString } from 'magic-string'
import { type CallExpression, type ImportExpression, Visitor } from 'oxc-parser'
import type { SourceMap } from 'oxc-transform'
import { keepCompletion } from './completion.ts'
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
}

/**
 * Rewrites printed JavaScript by the places its tree gives, never by searching text: `import(…)` would reach the host's
 * loader, whose promise is a host object.
 */
export const instrument = (code: string, kind: 'commonjs' | 'script'): Instrumented => {
  const { ast } = parse('guest.js', code, 'script')
  const out = new MagicString(code)
  const imports: string[] = []
  const dynamicImports: string[] = []
  new Visitor({
    ImportExpression: (node: ImportExpression) => {
      out.overwrite(node.start, node.start + 'import'.length, IMPORT_NAME)
      const { source } = node
      if (source.type === 'Literal' && typeof source.value === 'string') dynamicImports.push(source.value)
    },
    CallExpression: ({ callee, arguments: [first] }: CallExpression) => {
      const isRequire = kind === 'commonjs' && callee.type === 'Identifier' && callee.name === 'require'
      if (isRequire && first?.type === 'Literal' && typeof first.value === 'string') imports.push(first.value)
    },
  }).visit(ast)
  if (kind === 'script') keepCompletion(ast.body, out)
  const { mappings, names, sources } = out.generateMap({ hires: 'boundary', source: 'guest.js' })
  const map = { version: 3, mappings, names, sources }
  const [first] = ast.body
  const strict = first?.type === 'ExpressionStatement' && 'directive' in first && first.directive === 'use strict'
  return { code: out.toString(), map, strict, imports, dynamicImports }
}
