import { execFile } from 'node:child_process'
import { MagicString } from 'magic-string'
import { parseSync, Visitor } from 'oxc-parser'
import { ROOT } from './source-tree.ts'

/** A fenced block of a Markdown file; `line` is where its first line of code stands. */
export interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
}

/** How a command of a block ended. */
export interface Run {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

const sourceOf = (name: string): string => new URL(`../src/${name}.ts`, import.meta.url).href
const INDEX = sourceOf('index')
/** What the names that users import stand for here. */
const ENTRIES: ReadonlyMap<string, string> = new Map([
  ['ringfence', INDEX],
  ['ringfence/functions', sourceOf('function-host')],
])
const CLI = `${ROOT}/src/cli/main.ts`
const CHECK = new URL('./readme-check.ts', import.meta.url).href
const BLOCK_MS = 60_000

/** Finds the fenced blocks of a Markdown text, in order. */
export function parseBlocks(markdown: string): readonly Block[] {
  const fence = /^(?<mark>`{3,})(?<language>[^\n`]*)\n(?<text>.*?)^\k<mark>[ \t]*$/gms
  return [...markdown.matchAll(fence)].map(({ groups, index }) => ({
    language: groups?.['language']?.trim() ?? '',
    text: groups?.['text'] ?? '',
    line: markdown.slice(0, index).split('\n').length + 1,
  }))
}

/**
 * Makes a block of TypeScript a module that checks itself: `ringfence` is the sources, and an expression or a `const`
 * with `// => value` behind it must look like that value.
 */
export function moduleOf(block: Block): string {
  const { program, comments, errors } = parseSync('block.ts', block.text, { sourceType: 'module' })
  const [problem] = errors
  if (problem) throw new SyntaxError(`Cannot read the block at line ${block.line}: ${problem.message}`)
  const code = new MagicString(block.text)
  const expected = new Map<number, string>()
  for (const comment of comments) {
    const value = /^\s*=>\s*(.+?)\s*$/.exec(comment.value)?.[1]
    if (comment.type === 'Line' && value !== undefined) expected.set(lineAt(block.text, comment.start), value)
  }
  /** Takes what the comment behind `end` expects, written as the last arguments of a check. */
  const claim = (end: number): string | undefined => {
    const line = lineAt(block.text, end)
    const value = expected.get(line)
    expected.delete(line)
    return value === undefined ? undefined : `, ${JSON.stringify(value)}, ${block.line + line - 1})`
  }
  new Visitor({
    ImportDeclaration: ({ source }) => {
      const entry = ENTRIES.get(source.value)
      if (entry !== undefined) code.overwrite(source.start, source.end, JSON.stringify(entry))
    },
    ExpressionStatement: ({ expression, end }) => {
      const rest = claim(end)
      if (rest === undefined) return
      code.appendLeft(expression.start, ';__looksLike((').appendRight(expression.end, `)${rest}`)
    },
    VariableDeclaration: ({ declarations, end }) => {
      const [first] = declarations
      const rest = first?.id.type === 'Identifier' ? claim(end) : undefined
      if (rest === undefined || first?.id.type !== 'Identifier') return
      code.appendRight(end, `;__looksLike(${first.id.name}${rest}`)
    },
  }).visit(program)
  const [unclaimed] = expected.keys()
  if (unclaimed !== undefined) {
    throw new SyntaxError(`Cannot check line ${block.line + unclaimed - 1}: no expression or const ends on it`)
  }
  return `import { looksLike as __looksLike } from ${JSON.stringify(CHECK)};${code.toString()}`
}

/** Runs a block of TypeScript in a Node process of its own, which must end by itself. */
export function runModule(block: Block): Promise<Run> {
  const flags = ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning']
  return run(process.execPath, [...flags, '--eval', moduleOf(block)])
}

/** One command of a shell block, and how it must end. */
export interface Command {
  readonly text: string
  readonly line: number
  readonly exitCode: number
  readonly output?: string
}

/** Reads the commands of a shell block: `# => text` says what is printed, `# exit N` how it ends. */
export function commandsOf(block: Block): readonly Command[] {
  const commands: Command[] = []
  let pending = ''
  for (const [index, line] of block.text.split('\n').entries()) {
    const text = `${pending}${line}`
    pending = text.endsWith('\\') ? `${text.slice(0, -1)} ` : ''
    const code = text.replace(/(^|\s)#\s.*$/, '').trim()
    if (pending !== '' || code === '') continue
    const output = /\s#\s*=>\s*(.+?)\s*$/.exec(text)?.[1]
    const exitCode = Number(/\s#\s*exit (\d+)/.exec(text)?.[1] ?? 0)
    commands.push({ text: code, line: block.line + index, exitCode, ...(output === undefined ? {} : { output }) })
  }
  return commands
}

/** Names the scripts of package.json that a command asks npm for; `npm ci` and its kind are npm's own. */
export function npmScriptsOf(command: string): readonly string[] {
  return command.split(/&&|\|\||;|\|/).flatMap((part) => {
    const [program, verb, ...rest] = part
      .trim()
      .split(/\s+/)
      .filter((word) => !/^-[a-z]$|^--[a-z]/.test(word))
    if (program !== 'npm') return []
    if (verb === 'test' || verb === 'start') return [verb]
    return verb === 'run' ? rest.slice(0, 1) : []
  })
}

/** Runs a shell command in which `ringfence` is the CLI from source. */
export function runCommand(command: Command): Promise<Run> {
  const prelude = `ringfence() { "${process.execPath}" "${CLI}" "$@"; }`
  return run('/bin/sh', ['-c', `${prelude}\n${command.text}`])
}

function run(file: string, args: readonly string[]): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>()
  const child = execFile(file, [...args], { cwd: ROOT, timeout: BLOCK_MS }, (_error, stdout, stderr) =>
    resolve({ exitCode: child.exitCode ?? undefined, stdout, stderr }),
  )
  child.stdin?.end()
  return promise
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
