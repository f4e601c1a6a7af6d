import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { type FrontMatter, readFrontMatter } from './front-matter.ts'

/** One test, ready to be run by anybody: a text with its harness, and the texts it may import. */
export interface Composed {
  readonly file: string
  readonly kind: 'script' | 'module'
  readonly filename: string
  readonly source: string
  readonly modules: Readonly<Record<string, string>>
  readonly negative: FrontMatter['negative']
  /** Why it says nothing about us, when it does not. */
  readonly skip: string | undefined
}

/** What no realm here can honestly offer. `$262.global`, `evalScript` and `detachArrayBuffer` are offered. */
const NOT_OFFERED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\$262\s*\.\s*createRealm/, 'needs a second realm'],
  [/\$262\s*\.\s*agent/, 'needs agents, which share memory'],
  [/\$262\s*\.\s*IsHTMLDDA/, 'needs document.all'],
  [/\$262\s*\.\s*gc\b|async-gc\.js/, 'needs the collector to be called'],
  [/\$262\s*\.\s*AbstractModuleSource/, 'needs module sources'],
]

/**
 * The host's part, as a program can have it in any realm. `$DONE` settles a promise that is the value of the program, since a
 * call ends with its value.
 */
const HOST = `
var $262_settled = undefined;
globalThis.$262 = {
  global: globalThis,
  evalScript: (0, eval),
  detachArrayBuffer(buffer) { structuredClone(undefined, { transfer: [buffer] }) },
};
var $262 = globalThis.$262;
`
const ASYNC = `
var $262_settle;
var $262_settled = new Promise((resolve, reject) => { $262_settle = { resolve, reject } });
globalThis.$DONE = (error) => error ? $262_settle.reject(error) : $262_settle.resolve();
var $DONE = globalThis.$DONE;
`

/** Reads a test and puts its harness before it; a module gets it as a module of its own, by way of the global object. */
export function compose(root: string, file: string, strict: boolean): Composed {
  const text = readFileSync(posix.join(root, 'test', file), 'utf8')
  const { flags, includes, features, negative } = readFrontMatter(text)
  const skip = skipReason(text + includes.join(' '), features, flags)
  const isAsync = flags.has('async')
  const raw = flags.has('raw')
  const harness = raw ? '' : harnessOf(root, ['assert.js', 'sta.js', ...includes], isAsync)
  const common = { file, negative, skip }
  const modules = /import|export/.test(text) ? importsOf(root, file, text) : {}
  if (flags.has('module')) {
    const self = `./${file}`
    const driver = `import './harness.js';\nimport ${JSON.stringify(self)};\nexport default globalThis.$262_settled;\n`
    const texts = { ...modules, [file]: text, 'harness.js': `${harness}\n${globals(harness)}` }
    return { ...common, kind: 'module', filename: 'driver.mjs', source: driver, modules: texts }
  }
  const directive = !raw && (flags.has('onlyStrict') || (strict && !flags.has('noStrict'))) ? '"use strict";\n' : ''
  const tail = raw ? '' : '\n;$262_settled;'
  return { ...common, kind: 'script', filename: file, source: `${directive}${harness}${text}${tail}`, modules }
}

function skipReason(text: string, features: readonly string[], flags: ReadonlySet<string>): string | undefined {
  if (flags.has('CanBlockIsFalse')) return 'needs a thread that may not block'
  if (features.includes('cross-realm')) return 'needs a second realm'
  return NOT_OFFERED.find(([pattern]) => pattern.test(text))?.[1]
}

const harnessTexts = new Map<string, string>()

function harnessOf(root: string, names: readonly string[], isAsync: boolean): string {
  const texts = names.map((name) => {
    const known = harnessTexts.get(name) ?? readFileSync(posix.join(root, 'harness', name), 'utf8')
    harnessTexts.set(name, known)
    return known
  })
  return `${HOST}${isAsync ? ASYNC : ''}${texts.join('\n')}\n`
}

/** Makes globals of what a harness declares, for modules. */
function globals(harness: string): string {
  const names = [...harness.matchAll(/^(?:var|let|const|(?:async )?function\*?) +([$\w]+)/gm)].map(([, name]) => name)
  return [...new Set(names)].map((name) => `globalThis.${name} = ${name};`).join('\n')
}

/** The files that a test names as relative imports, and those that these name. */
function importsOf(root: string, file: string, text: string): Record<string, string> {
  const found: Record<string, string> = {}
  const waiting: (readonly [string, string])[] = [[file, text]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [from, content] = next
    for (const [, specifier = ''] of content.matchAll(/['"`](\.{1,2}\/[^'"`\n]+)['"`]/g)) {
      const name = posix.join(posix.dirname(from), specifier)
      const path = posix.join(root, 'test', name)
      if (name === file || name in found || !existsSync(path)) continue
      const imported = readFileSync(path, 'utf8')
      found[name] = imported
      waiting.push([name, imported])
    }
  }
  return found
}
