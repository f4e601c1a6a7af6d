import { constants, createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { poison } from './poison.ts'
import { realmKinds } from './realms.ts'

const S = String.raw
const outcome = (source: string): string =>
  `(() => { try { return String(${source}) } catch (error) { return String(error) } })()`

const bare = createContext(constants.DONT_CONTEXTIFY)
/** What Node says of an expression in a realm that nobody hardened. */
const inNode = (source: string): unknown => runInContext(outcome(source), bare)

const KINDS = [
  'Function',
  '(async () => {}).constructor',
  '(function* () {}).constructor',
  '(async function* () {}).constructor',
]

const EXPRESSIONS: readonly string[] = [
  ...KINDS.flatMap((kind) => [
    `${kind}.name + ${kind}.length + typeof ${kind}`,
    kind,
    `Object.getPrototypeOf(${kind}) === (${kind} === Function ? Function.prototype : Function)`,
    `JSON.stringify(Object.getOwnPropertyDescriptors(${kind}))`,
    `JSON.stringify(Object.getOwnPropertyDescriptor(${kind}.prototype, "constructor"))`,
    `${kind}.prototype.constructor === ${kind}`,
    `Reflect.ownKeys(${kind}).map(String).sort()`,
    `${kind}()`,
    `${kind}("a", "b, c", "...d", "return 1")`,
    `new ${kind}("a,b", "c = 3", "/* x */").length`,
    `${kind}("").name`,
    `Reflect.ownKeys(${kind}("")).map(String).sort()`,
    `${kind}(1)`,
    `${kind}(null, undefined)`,
    `${kind}(Symbol())`,
    `${kind}("a", { toString() { throw new RangeError("mine") } })`,
    `(() => { const seen = []; const say = (text) => ({ toString: () => (seen.push(text), text) }); ${kind}(say("a"), say("b"), say("")); return seen })()`,
    `${kind}("}, function () {")`,
    `${kind}("/*", "*/) {")`,
    `${kind}("a //", "")`,
    `${kind}("-->", "")`,
    `${kind}("super()")`,
    `${kind}("return new.target")`,
    `${kind}("a, a", "")`,
    `${kind}("a, a", "'use strict'")`,
    `${kind}("a = 1", "'use strict'")`,
    `Object.getPrototypeOf(Reflect.construct(${kind}, [""], Array)) === Array.prototype`,
    `Object.getPrototypeOf(Reflect.construct(${kind}, [""], Object.assign(function () {}, { prototype: 1 }))) === ${kind}.prototype`,
    `(() => { class A extends ${kind} { get two() { return 2 } } const a = new A(""); return [a.two, a instanceof A, a instanceof Function, a.name, A.length] })()`,
    `Object.prototype.toString.call(${kind}(""))`,
    `${kind}("") instanceof ${kind}`,
  ]),
  'JSON.stringify(Object.getOwnPropertyDescriptors(eval))',
  'JSON.stringify([eval.name, eval.length, "prototype" in eval, Object.getOwnPropertyDescriptor(globalThis, "eval")])',
  'eval',
  'new eval("1")',
  'eval()',
  'eval("")',
  'eval(5)',
  'eval(Object("1 + 1"))',
  'eval({ toString: () => "1" })',
  'eval("1; if (true) { 2 }")',
  '(0, eval)("var declared = 1; function made() { return declared } made()") + globalThis.made() + delete globalThis.declared',
  'eval("let own = 1; own") + typeof own',
  '(0, eval)("this") === globalThis',
  '(0, eval)("\'use strict\'; var strict = 1; strict") + typeof strict',
  'eval("({})")',
  'eval("(")',
  'eval("throw new EvalError(1)")',
  'eval("break")',
  'eval("return 1")',
  'eval("new.target")',
  'eval("await 1")',
  'eval("1 <!-- 2")',
  'eval("\\u2028 3")',
  'Function("return this")() === globalThis',
  'Function("\'use strict\'; return this")()',
  'Function("a", "with (a) { return b }")({ b: 4 })',
  'Function("return arguments.length")(1, 2)',
  'Function`return 7```',
  '["return 1"].map(Function)[0]()',
  'Function.bind(null, "a")("return a")(8)',
  'Function.call.call(Function, null, "return 1")()',
  'Reflect.apply(Function, undefined, ["return 9"])()',
  '[...(function* () {}).constructor("yield 1; yield* [2, 3]")()]',
  'Function("import.meta")',
  'eval("import.meta")',
  'eval("import a from \'a\'")',
  'eval("export default 1")',
]

/** Texts that say `import`, and mean something else. */
const INNOCENT: readonly string[] = [
  S`'import'`,
  S`"re\import \\import \x69mport"`,
  '`import ${"im" + "port"} import`',
  'var important = 1, _import = 2, importer = 3; important + _import + importer',
  '({ import: 1 }).import',
  'var { import: a } = { import: 2 }; a',
  '({ import() { return this.import.name } }).import()',
  'new (class { #import = 3; static { this.import = 1 } get import() { return this.#import } })().import',
  '/^import$/.test("import") + /[^import]/.test("import") + /import/u.test("reimport")',
  S`/(?<import>a)\k<import>/.exec("aa").groups.import + /\import/.test("import")`,
  '"an import".replace(/import/g, "export")',
  '/* import */ 1 // import',
  '1 /* import("x") */',
  'Object.keys({ imports: 1, "import": 2 })',
  'String(function () { return "import" })',
  'String(class { import() {} })',
  'Function("important", "return important + \'import\'")',
  'Function("important", "return important + \'import\'")(1)',
  'var sourceURL = 1; "sourceMappingURL" + sourceURL //# sourceURL=x',
  'importer',
  'imports.x',
  '"import" in { import: 1 }',
  'label: { break label } 5; import_: { break import_ }',
]

describe.each(realmKinds)('code from strings in a $kind', ({ open }) => {
  const realm = open()
  const result = (source: string): string => realm.run(outcome(source))

  test.each(EXPRESSIONS)('is what it is in Node: %s', (source) => {
    expect(result(source)).toBe(inNode(source))
  })

  test.each(INNOCENT)('means what it says: %s', (source) => {
    const text = JSON.stringify(source)
    expect(result(`(0, eval)(${text})`)).toBe(inNode(`(0, eval)(${text})`))
  })

  test.each(INNOCENT)('shows the text that its author wrote: %s', (source) => {
    const made = `Function(${JSON.stringify(source)})`
    expect(result(made)).toBe(inNode(made))
  })

  test('is the same after a guest replaced every intrinsic', () => {
    const capture =
      'const evaluate = eval, Make = Function, text = Function.prototype.call.bind(Function.prototype.toString)'
    const act = `evaluate("'important'") + Make("a", "return a + 'import'")(1) + text(evaluate("(class { import() { return 1 } })"))`
    const report = 'poisoned.length === 0 ? result : "CALLED " + poisoned[0]'
    const before = 'important1importclass { import() { return 1 } }'
    expect(open().run(`${capture}; ${act}`)).toBe(before)
    expect(open().run(`${capture}; ${poison}; const result = ${act}; ${report}`)).toBe(before)
  })

  test('is refused when it is too long for the compilers, whatever it is made of', () => {
    const fresh = open('hardenBuiltins(); installStackFormat(); boundCode(64 * 1024)')
    const message = (length: number): string =>
      `RangeError: Cannot make code from a string of ${length} characters: at most 1024 fit here`
    expect(fresh.run(outcome('eval("1".repeat(1025))'))).toBe(message(1025))
    expect(fresh.run(outcome('Function("a /*" + " ".repeat(700), "*/", " ".repeat(700))'))).toMatch(/^RangeError/)
    expect(fresh.run(outcome('eval("1".repeat(1024)) > 0 && Function("1".repeat(1000)).length'))).toBe('0')
  })

  test.each([
    ['parentheses', '("(".repeat(2 ** 19))'],
    ['lists', '("[".repeat(2 ** 19))'],
    ['operators', '("!".repeat(2 ** 19) + "1")'],
    ['functions', '("(a => ".repeat(2 ** 17) + "1" + ")".repeat(2 ** 17))'],
    ['templates', '("`${".repeat(2 ** 18))'],
    ['classes', '("class A { static {".repeat(2 ** 15))'],
    ['groups of a pattern', '("/" + "(".repeat(2 ** 19) + ")".repeat(2 ** 18) + "/")'],
    ['disguises', '("imports(".repeat(2 ** 16))'],
  ])('that nests too deep in %s is an error of the guest', (_, text) => {
    for (const compiler of ['eval', 'Function']) {
      expect(result(`${compiler}${text}`)).toMatch(/^(?:RangeError: Maximum call stack|SyntaxError: )/)
    }
  })

  test('ends in the middle of an endless call as any code does', () => {
    const fresh = open()
    const dive = 'Function("dive", "return dive(dive) + 1")'
    expect(fresh.run(outcome(`(() => { const dive = ${dive}; return dive(dive) })()`))).toMatch(
      /^RangeError: Maximum call/,
    )
    expect(() => fresh.runWithin('eval("for (;;);")', 50)).toThrow(/timed out/)
  })

  test('is refused where its guest may make none, but functions are known by their constructors', () => {
    const fresh = open('hardenBuiltins(); installStackFormat(); refuseCode()')
    const calls = ['eval("1")', ...KINDS.map((kind) => `${kind}("")`), 'new (class extends Function {})("")']
    for (const call of calls) {
      expect(fresh.run(outcome(call))).toBe('EvalError: Code generation from strings disallowed for this context')
    }
    expect(fresh.run(outcome('(() => {}) instanceof Function && eval(5)'))).toBe('5')
  })
})
