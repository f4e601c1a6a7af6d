import type { ParseResult } from 'oxc-parser'
import type { ProgramKind } from './kind.ts'

/** Something that the language has and we do not, and where it stands. */
export interface Unsupported {
  readonly message: string
  readonly offset: number
}

const JSON_ATTRIBUTE = /^\s*(?:with|assert)\s*\{\s*(?:(?:type|"type"|'type')\s*:\s*(?:"json"|'json')\s*,?\s*)?\}\s*;?$/
const IMPORT_REQUIRE = /\bimport\b[^;'"]*=\s*require\b|\bexport\s*=/

/** Names the first thing in a text without comments that would be dropped without a word, or misunderstood. */
export const unsupported = (parsed: ParseResult, text: string, kind: ProgramKind): Unsupported | undefined => {
  const { staticImports, staticExports, dynamicImports } = parsed.module
  if (kind !== 'module') {
    const [stray] = [...staticImports, ...staticExports]
    const instead = kind === 'fragment' ? ': use "await import()"' : ''
    const message = `Cannot use "import" and "export" in a program of kind "${kind}"${instead}`
    return stray === undefined ? undefined : { message, offset: stray.start }
  }
  for (const { start, end, entries, moduleRequest } of staticImports) {
    if (/^import\s+source\s+$/.test(text.slice(start, entries[0]?.localName.start ?? start))) return sourcePhase(start)
    const problem = attributes(text, moduleRequest.end, end)
    if (problem !== undefined) return problem
  }
  for (const { end, entries } of staticExports) {
    const from = entries[0]?.moduleRequest?.end
    const problem = from === undefined ? undefined : attributes(text, from, end)
    if (problem !== undefined) return problem
  }
  const source = dynamicImports.find(({ start, moduleRequest }) =>
    text.slice(start, moduleRequest.start).includes('source'),
  )
  return source === undefined ? commonJsOfTypeScript(parsed, text) : sourcePhase(source.start)
}

const sourcePhase = (offset: number): Unsupported => ({ message: '"import source" is not supported', offset })

const attributes = (text: string, start: number, end: number): Unsupported | undefined => {
  const rest = text.slice(start, end)
  if (/^\s*;?$/.test(rest) || JSON_ATTRIBUTE.test(rest)) return undefined
  return { message: `The only import attribute supported is { type: 'json' }`, offset: start + rest.search(/\S/) }
}

/** `import x = require('y')` and `export = x` have no meaning in a module, and would fail when they run. */
const commonJsOfTypeScript = ({ program }: Pick<ParseResult, 'program'>, text: string): Unsupported | undefined => {
  if (!IMPORT_REQUIRE.test(text)) return undefined
  for (const node of program.body) {
    if (node.type === 'TSExportAssignment') {
      return { message: '"export =" belongs to CommonJS: use "export default" in a module', offset: node.start }
    }
    const isRequire = node.type === 'TSImportEqualsDeclaration' && node.importKind === 'value'
    if (isRequire && node.moduleReference.type === 'TSExternalModuleReference') {
      return {
        message: '"import … = require()" belongs to CommonJS: use "import … from" in a module',
        offset: node.start,
      }
    }
  }
  return undefined
}

/** Says in our words what V8 does not compile, since its own name only a character or a name. */
export const explainComplaint = (message: string, before: string, after: string): string => {
  if (after.startsWith('@')) return 'Decorators are not supported'
  if (/\baccessor\s+$/.test(before)) return '"accessor" is not supported: write a getter and a setter'
  const name = /^Identifier '(.*)' has already been declared$/.exec(message)?.[1]
  if (name === 'input') return `${message}: it is what a script is called with`
  return name !== undefined && COMMONJS_NAMES.has(name) ? `${message}: every CommonJS module is given it` : message
}

const COMMONJS_NAMES = new Set(['exports', 'require', 'module', '__filename', '__dirname'])
