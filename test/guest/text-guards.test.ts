import { constants, createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { guestText } from '../../src/tiers/guest-text.ts'
import { realmKinds } from './realms.ts'

const TEXTS = [
  "''",
  "'abc'",
  "'a,b;c,,d'",
  "'\\u{1f600}a\\u{1f601}'",
  "'\\ud83d'",
  "new String('a,b')",
  '123.5',
  "['a', 'b,c']",
  'null',
  "'aaaa'",
  "'$&x$1'",
]
const PATTERNS = [
  '/,/',
  '/,/g',
  '/(?:)/',
  '/(?:)/g',
  '/(?:)/gu',
  '/a/gy',
  '/(a)|(b)/g',
  '/(?<n>a)/g',
  '/[^,]*/g',
  '/^/gm',
  '/(?=a)/g',
  '/a*/y',
  '/./v',
  '/(?<=a),?/d',
  "','",
  "''",
  "'a'",
  'undefined',
  'null',
  '{}',
  "{ toString: () => 'a' }",
  "Symbol('x')",
  'Object.assign(/,/g, { exec: () => null })',
  "Object.assign(/a/g, { n: 0, exec() { return this.n++ < 2 ? ['zz'] : null } })",
  'Object.assign(/a/g, { exec: () => 1 })',
  "new (class R extends RegExp { exec(s) { const r = super.exec(s); if (r) r[0] += '!'; return r } })(',', 'g')",
  'Object.assign(/,/g, { lastIndex: 2 })',
  'Object.freeze(/,/g)',
  "{ [Symbol.split]: (s, l) => [s, l], [Symbol.match]: (s) => ['m', s], [Symbol.replace]: (s, r) => s + r }",
  "{ flags: '', [Symbol.match]: true }",
  "{ [Symbol.split]: undefined, [Symbol.replace]: null, toString: () => 'a' }",
  'new Proxy(/a/g, {})',
  'Object.assign(/a/g, { constructor: 1 })',
  "Object.assign(/,/, { constructor: { [Symbol.species]: class extends RegExp { constructor(p, f) { super(';', f) } } } })",
]
const REPLACEMENTS = ["'-'", '"$1|$2|$<n>|$$|$`|$\'"', '(...all) => JSON.stringify(all)', 'undefined', "Symbol('r')"]
const LIMITS = ['undefined', '0', '2', '-1', '2 ** 32 + 1', "'1'", '1n']

const thunks = (sources: readonly string[]): string => `[${sources.map((source) => `() => (${source})`).join()}]`

/** Every combination, told as text: what came out, of which kind, or which error. */
const COMBINATIONS = `(() => {
  const tell = (run) => {
    try {
      const value = run()
      const kind = Array.isArray(value) ? [Object.keys(value), Object.getPrototypeOf(value) === Array.prototype, value.groups] : []
      return JSON.stringify([value, kind], (_, part) => (part === undefined ? 'nothing' : part))
    } catch (error) { return error.name }
  }
  const told = []
  for (const text of ${thunks(TEXTS)}) for (const pattern of ${thunks(PATTERNS)}) {
    told.push(tell(() => String.prototype.match.call(text(), pattern())))
    told.push(tell(() => RegExp.prototype[Symbol.match].call(pattern(), text())))
    for (const by of ${thunks(REPLACEMENTS)}) {
      told.push(tell(() => String.prototype.replace.call(text(), pattern(), by())))
      told.push(tell(() => String.prototype.replaceAll.call(text(), pattern(), by())))
      told.push(tell(() => RegExp.prototype[Symbol.replace].call(pattern(), text(), by())))
    }
    for (const limit of ${thunks(LIMITS)}) {
      told.push(tell(() => String.prototype.split.call(text(), pattern(), limit())))
      told.push(tell(() => RegExp.prototype[Symbol.split].call(pattern(), text(), limit())))
    }
  }
  return JSON.stringify(told)
})()`

/** A realm in which every text is long, so that all takes the steps of the guards. */
function runInSteps(source: string): string {
  const context = createContext(constants.DONT_CONTEXTIFY, { microtaskMode: 'afterEvaluate' })
  const stepping = guestText().replace('const LONG_TEXT = 2 ** 22', 'const LONG_TEXT = 0')
  expect(stepping).not.toBe(guestText())
  runInContext(stepping, context)
  return String(runInContext(source, context))
}

const METHODS = [
  "String.prototype, 'split'",
  "String.prototype, 'match'",
  "String.prototype, 'replace'",
  "String.prototype, 'replaceAll'",
  'RegExp.prototype, Symbol.match',
  'RegExp.prototype, Symbol.replace',
  'RegExp.prototype, Symbol.split',
  "Function.prototype, 'toString'",
  "Array.prototype, 'indexOf'",
  "Array.prototype, 'sort'",
]

describe.each(realmKinds)('a $kind whose methods of texts are guarded', ({ open }) => {
  const realm = open()
  const plain = open('')

  it('answers what an engine answers', () => {
    expect(JSON.parse(realm.run(COMBINATIONS))).toEqual(JSON.parse(plain.run(COMBINATIONS)))
  })

  it.each(METHODS)('keeps the look of %s', (place) => {
    const look = `(() => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(${place})
      const construct = (() => { try { return new value() } catch (error) { return error.name } })()
      const bare = (() => { try { return value.call(undefined) } catch (error) { return error.name } })()
      return JSON.stringify([rest, value.name, value.length, Reflect.ownKeys(value), String(value), construct, bare])
    })()`
    expect(realm.run(look)).toBe(plain.run(look))
  })

  it.each([
    "text.split('')",
    "text.split('x')",
    'text.split(/x/)',
    'text.match(/x/g)',
    "text.match('x|y') && text.match(/(?:)/g)",
    'RegExp.prototype[Symbol.match].call(/x/g, text)',
    "Reflect.apply(String.prototype.split, { toString: () => text }, ['x'])",
    "text.split({ [Symbol.split]: undefined, toString: () => 'x' })",
    "text.replaceAll({ [Symbol.replace]: undefined, toString: () => 'x' }, 'yy')",
    "text.replaceAll('x', 'yy')",
    "text.replace(/x/g, 'yy')",
    'text.replace(/x/g, String)',
    "new (class extends RegExp { static get [Symbol.species]() { return RegExp } })('x', 'g')[Symbol.split](text)",
    'Object.assign(/x/g, { constructor: { [Symbol.species]: class extends RegExp {} } })[Symbol.split](text)',
    'delete RegExp.prototype.exec && text.match(/x/g)',
    '(RegExp.prototype.exec = Array.prototype.at, text.match(/x/g))',
  ])('stops at its deadline or refuses, and the process lives, in %s', (attack) => {
    const fresh = open()
    const run = (): string =>
      fresh.runWithin(`(() => { const text = 'x'.repeat(2 ** 28); ${attack}; return 'done' })()`, 100)
    expect(run).toThrow(/timed out|timeout|Invalid (?:array|string) length|not a function|memory limit|disposed/i)
  })
})

it('answers what an engine answers also where it takes its own steps', () => {
  const plain = realmKinds[0]?.open('').run(COMBINATIONS) ?? ''
  expect(JSON.parse(runInSteps(COMBINATIONS))).toEqual(JSON.parse(plain))
})
