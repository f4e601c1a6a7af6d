import { type Family, family } from '../attack.ts'

const S = String.raw

/** Compiles a text in every way there is, and looks at all that comes of it: an object of the host's is an escape. */
const compiles = (text: string): string => `
const text = ${text}
const AsyncFunction = (async () => {}).constructor, GeneratorFunction = (function* () {}).constructor
const AsyncGeneratorFunction = (async function* () {}).constructor
await attempt(() => eval(text), 'eval'); await attempt(() => (0, eval)(text), 'indirect eval')
await attempt(() => Function('return ' + text)(), 'returned'); await attempt(() => new Function(text)(), 'function')
await attempt(() => Function('a = ' + text, 'return a')(), 'parameter'); await attempt(() => AsyncFunction('return ' + text)(), 'async')
await attempt(() => GeneratorFunction('yield ' + text)().next().value, 'generator')
await attempt(() => AsyncGeneratorFunction('yield ' + text)().next(), 'async generator')`

const quoted = (text: string): string => compiles(JSON.stringify(text))

/** In a realm of Node, what answers `import()` in code from strings is the host, and its errors are the host's. */
export const IMPORTS_FROM_STRINGS: Family = family('import() in code made of strings', [
  ['import', 'vm2 attack category 13', 'code from strings was not transformed', quoted('import("fs")')],
  ['a comment between', 'vm2 attack category 12', 'the censor searched for "import("', quoted('import/**/("fs")')],
  ['lines between', 'vm2 attack category 12', 'the censor searched one line', quoted('import // (\n\n ("fs")')],
  ['an escape in the word', 'new', 'parsers once read keywords with escapes', quoted(S`\u0069mport("fs")`)],
  ['an escape in braces', 'new', 'parsers once read keywords with escapes', quoted(S`im\u{70}ort("fs")`)],
  ['the escape that is ours', 'new', 'what was put there is taken away again', quoted(S`i\u006dport("fs")`)],
  ['a backslash in front', 'new', 'it escaped the first letter of the escape', quoted(S`"\import"; import("fs")`)],
  [
    'an HTML comment',
    'vm2 attack category 12',
    'it hides a line from who does not know it',
    quoted('<!-- /*\nimport("fs") // */'),
  ],
  ['the end of an HTML comment', 'new', 'it hides a line too', quoted('0\n--> `\n;import("fs") // `')],
  ['a division by a brace', 'new', 'taken for a pattern', quoted('{}\n/1; import("fs"); /1')],
  ['a pattern that looks divided', 'new', 'taken for a division', quoted('1 + /[/"]/ + import("fs") + "/"')],
  ['a template in a template', 'vm2 attack category 12', 'templates nest', quoted('`${`${import("fs")}`}`')],
  ['a hashbang', 'new', 'it is a comment', quoted('#!`\nimport("fs") //`')],
  ['line separators', 'new', 'they end a comment', quoted('// \u2028import("fs")')],
  ['import.meta', 'vm2 attack category 13', 'it was an object of the host', quoted('import.meta')],
  ['import.source', 'new', 'it is a call by another name', quoted('import.source("fs")')],
  ['import.defer', 'new', 'it is a call by another name', quoted('import.defer("fs")')],
  ['import as a statement', 'new', 'it was parsed as a module', quoted('import fs from "fs"')],
  [
    'an attribute',
    'new',
    'the second argument is evaluated too',
    quoted('import("fs", { with: { type: import("path") } })'),
  ],
  ['spread', 'new', 'the dots were taken for a member', quoted('[...import("fs")]')],
  [
    'a method of that name',
    'new',
    'the body is not the method',
    quoted('({ import() { return import("fs") } }).import()'),
  ],
  [
    'a class that runs it',
    'new',
    'fields and static blocks',
    quoted('(class { static a = import("fs"); static { import("fs") } }).a'),
  ],
  [
    'a compiler within',
    'vm2 attack category 13',
    'what it compiles is compiled by the engine',
    quoted('(0, eval)("im" + "port(\'fs\')")'),
  ],
  [
    'a constructor of the function made',
    'vm2 attack category 13',
    'its constructor was the engine’s',
    'const made = Function("return 1"); await attempt(() => made.constructor("return import(\'fs\')")(), "made"); ' +
      'await attempt(() => eval("(async () => {}).constructor")("return import(\'fs\')")(), "evaluated")',
  ],
  [
    'a text that changes',
    'new',
    'converted once to look and once to compile',
    'let n = 0; const text = { toString: () => (n++ ? "return import(\'fs\')" : "") }; for (let i = 0; i < 3; i++) { n = 0; await attempt(() => Function(text)(), "changing") }',
  ],
  [
    'poisoned methods of strings',
    'new',
    'the censor called what the guest had replaced',
    'String.prototype.indexOf = String.prototype.includes = () => -1; String.prototype.slice = String.prototype.replaceAll = function () { return "import(\'fs\')" }; ' +
      'RegExp.prototype.exec = RegExp.prototype.test = () => null; Array.prototype.join = Array.prototype.map = () => "import(\'fs\')"; ' +
      'Object.defineProperty(Array.prototype, 0, { set() {}, get: () => "import(\'fs\')" }); ' +
      quoted('import("fs")'),
  ],
  [
    'a new target that looks on',
    'new',
    'its prototype is read between the look and the compiler',
    'const target = new Proxy(function () {}, { get: (_, key) => { leak(key, "key"); return null } }); ' +
      'await attempt(() => Reflect.construct(Function, ["return import(\'fs\')"], target)(), "built"); leak(Reflect.construct(Function, [], target), "function")',
  ],
  [
    'the import that ours is',
    'new',
    'the global that redirected imports call',
    'Object.defineProperty(globalThis, "__ringfence_import__", { value: spy(() => {}, "import"), configurable: true }); await attempt(() => Function("return import(\'fs\')")(), "first"); ' +
      'leak(globalThis.__ringfence_import__, "global")',
    { as: 'sloppy' },
  ],
  [
    'the callers of evaluated code',
    'vm2 attack category 1',
    'callers are whoever compiled',
    'globalThis.look = function look() { leak(look.caller, "caller"); leak(arguments.callee.caller, "callee"); leak(look.caller?.arguments, "arguments") }; ' +
      '(0, eval)("look()"); Function("look()")(); (0, eval)("(function () { look() })()"); for (const f of [Function, eval]) await attempt(() => f.caller, "caller")',
    { as: 'sloppy' },
  ],
  [
    'the edge of the stack',
    'vm2 #199',
    'the host is asked whether code may be made, and overflows',
    'const kept = []; const dive = () => { try { dive() } catch (error) { kept[kept.length] = error } if (kept.length < 200) try { kept[kept.length] = Function("return import(\'fs\')")() } catch (error) { kept[kept.length] = error } }; ' +
      'try { dive() } catch (error) { leak(error, "dive") } for (let i = 0; i < 200; i++) await attempt(() => kept[i], "at the edge")',
  ],
  [
    'a file named as a source',
    'new',
    'frames were told by the name of their file',
    'const failure = await attempt(() => eval("null.x //# sourceURL=guest:kernel")); leak(failure.stack ?? "", "stack"); leak(eval("new Error().stack //# sourceURL=node:internal/x") ?? "", "stack")',
  ],
])
