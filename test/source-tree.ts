import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'oxc-parser'

/** The root of the repository, without a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** A function and how many lines of it say something: blank lines and comments are free. */
export interface FunctionSpan {
  readonly name: string
  readonly line: number
  readonly lines: number
}

/** One file of ours, read and parsed. `path` is relative to the root. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly string[]
  readonly functions: readonly FunctionSpan[]
}

/** Reads every file under the root that one of the patterns names. */
export function readSources(patterns: readonly string[]): readonly SourceFile[] {
  const paths = globSync([...patterns], { cwd: ROOT, exclude: ['test/fixtures/**', 'examples/programs/**'] })
  return paths.toSorted().map((path) => parseSource(path, readFileSync(`${ROOT}/${path}`, 'utf8')))
}

/** Finds what a file imports, types included, and how long its functions are. */
export function parseSource(path: string, text: string): SourceFile {
  // The guest's files are parts of one function body: a `return` may stand outside of any function there.
  const parsed = parseSync(path, text, path.startsWith('src/guest/') ? { sourceType: 'commonjs' } : {})
  const [problem] = parsed.errors
  if (problem) throw new SyntaxError(`Cannot read ${path}: ${problem.message}`)
  const { staticImports, staticExports, dynamicImports } = parsed.module
  const imports = [
    ...staticImports.map((statement) => statement.moduleRequest.value),
    ...staticExports.flatMap((statement) => statement.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...dynamicImports.map(({ moduleRequest }) => unquote(text.slice(moduleRequest.start, moduleRequest.end))),
  ]
  const silent = silentLines(text, parsed.comments)
  const functions: FunctionSpan[] = []
  const measure = (name: string, start: number, end: number): void => {
    const first = lineAt(text, start)
    const last = lineAt(text, end)
    let lines = 0
    for (let line = first; line <= last; line += 1) if (!silent.has(line)) lines += 1
    functions.push({ name, line: first, lines })
  }
  new Visitor({
    FunctionDeclaration: (node) => measure(node.id?.name ?? 'default', node.start, node.end),
    FunctionExpression: (node) => measure(node.id?.name ?? 'function', node.start, node.end),
    ArrowFunctionExpression: (node) => measure('=>', node.start, node.end),
    TSImportType: (node) => void imports.push(node.source.value),
  }).visit(parsed.program)
  return { path, text, lines: text.trimEnd().split('\n').length, imports, functions }
}

/** Lines that hold nothing, or nothing but a comment. */
function silentLines(text: string, comments: readonly { start: number; end: number }[]): ReadonlySet<number> {
  let code = text
  for (const { start, end } of comments) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end)
  }
  const silent = new Set<number>()
  for (const [index, line] of code.split('\n').entries()) if (line.trim() === '') silent.add(index + 1)
  return silent
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function unquote(specifier: string): string {
  return specifier.replace(/^(['"`])(.*)\1$/s, '$2')
}
