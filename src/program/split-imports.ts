import { MagicString } from 'magic-string'
import type { Program as Ast, ImportDeclaration } from 'oxc-parser'
import type { SourceMap } from 'oxc-transform'

/** Code with a map back to what it was made of; without a map when nothing had to change. */
export interface SplitImports {
  readonly code: string
  readonly map: SourceMap | undefined
}

/**
 * Writes `import one, * as all from 'x'` as two declarations. oxc's transform for the module runner (0.151) forgets the
 * first name where both stand in one, so that the program meets it as not defined.
 */
export const splitImports = (code: string, { body }: Ast): SplitImports => {
  const out = new MagicString(code)
  for (const node of body) if (node.type === 'ImportDeclaration') splitOne(node, out)
  if (!out.hasChanged()) return { code, map: undefined }
  const { mappings, names, sources } = out.generateMap({ hires: 'boundary', source: 'guest.js' })
  return { code: out.toString(), map: { version: 3, mappings, names, sources } }
}

const splitOne = ({ specifiers, source, start }: ImportDeclaration, out: MagicString): void => {
  const [first, second] = specifiers
  if (first?.type !== 'ImportDefaultSpecifier' || second?.type !== 'ImportNamespaceSpecifier') return
  out.remove(first.start, second.start)
  out.appendLeft(start, `import ${first.local.name} from ${source.raw}; `)
}
