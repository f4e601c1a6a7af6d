import assert from 'node:assert/strict'
import vm from 'node:vm'
import * as fc from 'fast-check'
import { parseSync } from 'oxc-parser'
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

/** What the native parser cannot read: "let" as the name of something, which only sloppy scripts allow. */
const UNREADABLE = /\blet\b/

/** What V8 has behind a flag, and we have as a plain import. */
const DEFERRED = /import\s*\.\s*defer/
/** What the language takes for operators in a module, as we do, and V8 refuses. */
const HTML_OPERATORS = /HTML comments are not allowed in modules/

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
  if (prepared.kind === 'refused') return
  if (prepared.kind === 'invalid' && DOCUMENTED.test(prepared.error.message)) return
  const complaint = await complaintOfV8(kind, text)
  if (prepared.kind === 'ready') {
    expectTableOnly(prepared.program.script)
    if (DEFERRED.test(text) || HTML_OPERATORS.test(complaint ?? '')) return
    assert.equal(complaint, undefined, 'V8 refuses what we accept')
  } else if (prepared.kind === 'invalid' && !UNREADABLE.test(text)) {
    assert.notEqual(complaint, undefined, `We refuse what V8 accepts: ${prepared.error.message}`)
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
const comparable = (text: string, result: string): string =>
  /\bfinally\b/.test(text) && !result.startsWith('throws') ? 'a value' : result

function sameAsNode(text: string): void {
  const prepared = prepareInTime(text, { kind: 'script', filename: 'program.js' })
  const ours = prepared.kind === 'ready' ? resultOf(() => load(prepared.program)) : 'throws SyntaxError'
  const nodes = resultOf(() => vm.runInNewContext(text, {}, { timeout: PATIENCE_MS }))
  assert.equal(comparable(text, ours), comparable(text, nodes))
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
  ],
  close: dismissJudge,
}
