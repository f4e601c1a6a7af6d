import assert from 'node:assert/strict'
import vm from 'node:vm'
import * as fc from 'fast-check'
import { parseSync } from 'oxc-parser'
import { mapError } from '../../src/program/map-error.ts'
import { type Prepared, type PrepareOptions, type ProgramKind, prepare } from '../../src/program/prepare.ts'
import { load } from '../program/bare-realm.ts'
import { oddTexts, realTexts, spoiledTexts } from './corpus.ts'
import { describeGraph } from './describe-graph.ts'
import { complaintOfV8, dismissJudge } from './judge.ts'
import { scripts } from './script-grammar.ts'
import type { Check, Target } from './target.ts'

const KINDS: readonly ProgramKind[] = ['script', 'commonjs', 'module']
const PATIENCE_MS = 10_000
const TABLE_KEYS = ['entry', 'modules']
const MODULE_KEYS = ['kind', 'deps', 'run']

/** What we refuse and V8 does not, each said in words of its own. */
const DOCUMENTED =
  /HTML-like comments|nests (?:more than|too deep)|could be a regular expression or a division|regular expression does not end|import attribute|"import source"|Decorators|"accessor"|it is what a script is called with|every CommonJS module is given it/

/** What the native parser cannot read: "let" as the name of something, which only sloppy code allows. */
const UNREADABLE = /\blet\b/

/** What the language forbids, and V8 only when it runs, for the sake of old pages: `f() = 1`. */
const ASSIGNED_CALL = /^Cannot assign to this expression/

/** What V8 has behind a flag, and we have as a plain import. */
const DEFERRED = /import\s*\.\s*defer\b/g
/** What the language takes for operators in a module, as we do, and V8 refuses. */
const HTML_OPERATORS = /HTML comments are not allowed in modules/

/** How many cases were let off. Each has its reason in `docs/fuzzing.md`. */
const exempted = new Map<string, number>()
const letOff = (why: string): void => {
  exempted.set(why, (exempted.get(why) ?? 0) + 1)
}

/** Prepares within the patience, which nothing else may throw or hang. */
function prepareInTime(text: string, options: PrepareOptions): Prepared {
  const since = performance.now()
  const prepared = prepare(text, options)
  assert.ok(performance.now() - since < PATIENCE_MS, 'preparing took too long')
  if (prepared.kind === 'invalid') assert.equal(prepared.error.name, 'SyntaxError')
  return prepared
}

const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } })
const globalsOf = (): string => vm.runInContext('Reflect.ownKeys(globalThis).map(String).join()', realm) as string
const GLOBALS = globalsOf()

/** Evaluates a script to its table: that must be all it does, and the table must hold the one program. */
function expectTableOnly(script: string): void {
  assert.deepEqual(parseSync('script.js', script, { sourceType: 'script' }).module.dynamicImports, [])
  const table = vm.runInContext(script, realm, { timeout: PATIENCE_MS }) as Readonly<Record<string, unknown>>
  assert.deepEqual(Reflect.ownKeys(table), TABLE_KEYS)
  const modules = Object.values(table['modules'] as Readonly<Record<string, object>>)
  assert.equal(modules.length, 1)
  for (const module of modules) assert.deepEqual(Reflect.ownKeys(module), MODULE_KEYS)
  assert.equal(globalsOf(), GLOBALS)
}

/** Prepares one text as one kind, and holds what comes of it against V8. */
async function agreeWithV8(text: string, kind: ProgramKind): Promise<void> {
  const prepared = prepareInTime(text, { kind, filename: 'program.js' })
  if (prepared.kind === 'refused') return letOff('refused')
  if (prepared.kind === 'invalid' && DOCUMENTED.test(prepared.error.message)) return letOff('refused knowingly')
  const complaint = await complaintOfV8(kind, text)
  if (prepared.kind === 'ready') {
    expectTableOnly(prepared.program.script)
    if (complaint === undefined) return
    if (kind === 'module' && HTML_OPERATORS.test(complaint)) return letOff('operators that look like HTML')
    const plain = text.replaceAll(DEFERRED, 'import')
    const isDeferred = plain !== text && (await complaintOfV8(kind, plain)) === undefined
    assert.ok(isDeferred, `V8 refuses what we accept: ${complaint}`)
    letOff('import.defer')
  } else if (prepared.kind === 'invalid' && complaint === undefined) {
    const { message } = prepared.error
    assert.notEqual(kind, 'module', `We refuse what V8 accepts: ${message}`)
    if (ASSIGNED_CALL.test(message)) return letOff('a call that is assigned to')
    assert.match(text, UNREADABLE, `We refuse what V8 accepts: ${message}`)
    letOff('"let" as a name')
  }
}

/** Prepares a text as TypeScript of any kind, which V8 knows nothing of. */
function holdAsTypeScript(text: string): void {
  const prepared = prepareInTime(text, {})
  if (prepared.kind === 'ready') expectTableOnly(prepared.program.script)
}

const differential = (what: string, texts: fc.Arbitrary<string>, runs: number): Check => ({
  title: `${what} are programs for us when they are programs for V8, and hold nothing but a table`,
  runs,
  property: () => fc.asyncProperty(texts, fc.constantFrom(...KINDS), agreeWithV8),
})

const typescript = (what: string, texts: fc.Arbitrary<string>, runs: number): Check => ({
  title: `${what} are TypeScript that holds nothing but a table, or a syntax error, in time`,
  runs,
  property: () => fc.property(texts, holdAsTypeScript),
})

/** What a script comes to: its value, or the name of what it throws. */
function resultOf(run: () => unknown): string {
  try {
    return describeGraph(run())
  } catch (error) {
    return `throws ${String((error as { readonly name?: unknown }).name)}`
  }
}

/**
 * V8 mixes up what a `try` came to where its `finally` holds values or labelled breaks, which the language says have no part
 * in it. There only what is thrown is compared.
 */
const isComparable = (text: string, results: readonly string[]): boolean =>
  !/\bfinally\b/.test(text) || results.some((result) => result.startsWith('throws'))

function sameAsNode(text: string): void {
  const prepared = prepareInTime(text, { kind: 'script', filename: 'program.js' })
  const ours = prepared.kind === 'ready' ? resultOf(() => load(prepared.program)) : 'throws SyntaxError'
  const nodes = resultOf(() => vm.runInNewContext(text, {}, { timeout: PATIENCE_MS }))
  if (ours === nodes) return
  assert.ok(!isComparable(text, [ours, nodes]), `${ours} for us, ${nodes} in Node`)
  letOff('what a "finally" came to')
}

/** Lines of TypeScript that do nothing, which leave more, less or other text behind. */
const LINES = fc.constantFrom(
  'interface A { readonly a: number }',
  'type B<T> = { [K in keyof T]?: T[K] }',
  'enum C { x = 1, y = x << 2 }',
  'class D { constructor(private readonly d: string = `\n${1}`) {} get e(): string { return this.d } }',
  'const g = <T,>(value: T): T => value as unknown as T',
  'function h(this: void, a?: number, ...rest: string[]): asserts a is number {}',
  '/* a\n * comment */ let i = 0 satisfies number',
  'abstract class J<T> { protected abstract k(): T; static l = [1, , 2]!.length }',
  'label: for (const m of [1, 2] as const) { if (m > 1) break label }',
  'declare const n: number',
  '`\u00e9 \ud83d\ude00\n`; "\t"',
  '',
)
const places = fc.record({
  lines: fc.uniqueArray(LINES, { maxLength: 6 }),
  ending: fc.constantFrom('\n', '\r\n', '\u2028'),
  before: fc.constantFrom(
    '',
    '\t',
    '     ',
    'let o: number = 1; ',
    '/* é 😀 */ ',
    'if (true as boolean) ',
    '(<T,>(t: T) => t)(1); ',
  ),
  kind: fc.constantFrom<ProgramKind>('script', 'commonjs'),
})

/** Throws at a place that is known, after TypeScript that does nothing, and is told that place. */
function keepsThePlace({ lines, ending, before, kind }: typeof places extends fc.Arbitrary<infer T> ? T : never): void {
  const head = lines.map((line) => `${line};${ending}`).join('')
  const source = `${head}${before}throw new Error('here')`
  const prepared = prepareInTime(source, { kind, filename: 'program.ts' })
  assert.equal(prepared.kind, 'ready')
  if (prepared.kind !== 'ready') return
  let stack = ''
  try {
    load(prepared.program)
  } catch (error) {
    stack = String((error as { readonly stack?: unknown }).stack)
  }
  const { location } = mapError(prepared.program, { name: 'Error', message: 'here', stack })
  const line = head.split(/\r\n|[\n\u2028]/).length
  assert.deepEqual(location, { file: 'program.ts', line, column: before.length + 'throw '.length + 1 })
}

export const program: Target = {
  name: 'program',
  checks: [
    differential('real texts', realTexts, 60),
    differential('spoiled texts', spoiledTexts, 250),
    differential('odd texts', oddTexts, 900),
    typescript('spoiled texts', spoiledTexts, 250),
    typescript('odd texts', oddTexts, 600),
    {
      title: 'a script comes to what it comes to in plain Node',
      runs: 120,
      property: () => fc.property(scripts, sameAsNode),
    },
    {
      title: 'what is thrown is shown at its own line and column',
      runs: 200,
      property: () => fc.property(places, keepsThePlace),
    },
  ],
  exempted: () => Object.fromEntries(exempted),
  close: dismissJudge,
}
