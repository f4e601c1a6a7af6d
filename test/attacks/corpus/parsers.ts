import { type Family, family } from '../attack.ts'

const S = String.raw
const any = ['returned', 'threw', 'refused'] as const
const program = { as: 'program', ends: any } as const
const kinds = ['script', 'commonjs', 'module'] as const

/**
 * An `import()` that only V8 may see, in one way of reading or the other. The host's loader answers with an error that is not
 * of this realm, or with a module. What it throws is put together, so that no quotation of the source holds it.
 */
const LOAD =
  'import("node:fs").then(() => { throw "ESC" + "APED" }, (error) => { if (!(error instanceof Error)) throw "ESC" + "APED" })'

/** Keeps the call open for as long as the loader might take. */
const WAIT = {
  script: 'new Promise((done) => setTimeout(done, 3))',
  commonjs: 'module.exports = new Promise((done) => setTimeout(done, 3))',
  module: 'export default new Promise((done) => setTimeout(done, 3))',
} as const

const HIDDEN: readonly (readonly [title: string, why: string, code: string])[] = [
  ['an HTML-like comment', 'scripts have them, modules do not', `<!-- \n${LOAD}`],
  ['the end of an HTML-like comment', 'it opens a comment at the start of a line only', `/*\n*/ --> \`\n${LOAD} //\``],
  ['an HTML-like comment in a module', 'there it is two operators', `var a = 1; a <!--a; ${LOAD}\n`],
  ['a line separator after a comment', 'U+2028 ends the comment', `// x\u2028${LOAD}`],
  ['a paragraph separator after a comment', 'U+2029 ends the comment', `// x\u2029${LOAD}`],
  ['a line separator in a string', 'strings hold it since 2019', `"\u2028"; ${LOAD}`],
  ['a next-line character', 'U+0085 is white space for some', `// x\u0085\n${LOAD}`],
  ['a Mongolian vowel separator', 'it was white space once', `var\u180ea = 1; ${LOAD}`],
  ['a zero-width no-break space', 'it is white space', `\ufeff\ufeff${LOAD}`],
  ['a hashbang', 'its line ends where a line ends', `#!x\u2028${LOAD}`],
  ['a hashbang that is not first', 'it is a private name there', ` #!x\n${LOAD}`],
  ['a carriage return', 'it ends a line by itself', `// x\r${LOAD}`],
  ['a division after a block', 'it is a regular expression', `{}\n/1; ${LOAD}; /.x`],
  ['a division after an object', 'it is a division', `var a = {}\n/1; ${LOAD}; /1`],
  ['a slash in a class', 'it does not end the expression', `/[/]/; ${LOAD}`],
  ['a class in the v mode', 'classes nest there', `/[[/]]/v; ${LOAD}`],
  ['an increment before a slash', 'it ends an operand', `var a = 1; a++ /${LOAD}/ 1`],
  ['a condition before a slash', 'it ends a statement’s head', `if (1) /x/; (1) /${LOAD}/ 1`],
  [
    'yield as a name',
    'what follows is a division',
    `var yield_ = 1; function* f() { yield /1; ${LOAD}; /1 } f().next()`,
  ],
  ['a template within a template', 'braces nest', '`${`${' + LOAD + '}`}`'],
  ['a template with an octal', 'only tags may have it', `((x) => x)\`\\07\${${LOAD}}\``],
  ['a legacy octal', 'sloppy code alone has it', `var a = 010, b = 09.5; ${LOAD}`],
  ['an escape in the word', 'keywords have none', S`\u0069mport("node:fs")`],
  ['an escape in a property', 'names have them', S`({ \u0069mport: 1 }).\u0069mport; ` + LOAD],
  ['a label called import', 'labels are no keywords', `import: ${LOAD}`],
  ['a method called import', 'the name is not the call', `({ import() { return 1 } }).import(${LOAD})`],
  ['async as a name', 'it calls instead of declaring', `var async = (x) => x; async (${LOAD})`],
  ['let as a name', 'a line end decides', `var let_ = 1\nlet\nx = ${LOAD}\nvar x`],
  ['await as a name', 'modules know no such name', `var await_ = 1; (0, ${LOAD})`],
  ['of as a name', 'for of of', `var of = [1]; for (var of of of) ${LOAD}`],
  ['a getter called get', 'accessors have odd names', `({ get get() { return ${LOAD} }, set set(x) {} }).get`],
  ['a private name', 'hash marks are new', `new (class { #x = (${LOAD}); has(o) { return #x in o } })().has({})`],
  ['a static block', 'it is a scope of its own', `(class { static { ${LOAD} } static { var await_ } })`],
  ['using', 'it is a declaration or a name', `{ using a = (${LOAD}, null); var using = 1\nusing\n[0] }`],
  ['a decorator', 'it is an expression before a class', `@(${LOAD}) class A {}`],
  ['type arguments', 'they are comparisons in JavaScript', `var a = 1, b = 2; a < b > (${LOAD})`],
  ['a closing script tag', 'it ends a script in HTML alone', `"</script>"; ${LOAD}`],
  [
    'a source map comment',
    'its address was fetched',
    `1\n//# sourceMappingURL=file:///etc/passwd\n//# sourceURL=node:internal/x\n${LOAD}`,
  ],
  ['nested comments', 'comments do not nest', `/* /* */ ${LOAD} /* */`],
  ['a comment that never ends', 'the rest of the script would be its text', `${LOAD} /*`],
]

/** Whoever rewrites a program must read it as the engine does. */
export const PARSERS: Family = family(
  'parser differentials',
  HIDDEN.map(([title, why, code], index) => {
    const kind = kinds[index % 3] ?? 'script'
    const source = `${code}\n;${WAIT[kind]}`
    return [`${title}, in a ${kind}`, 'vm2 attack category 12', why, source, { ...program, options: { kind } }] as const
  }),
)

const evil = 'globalThis.escaped = this?.constructor; throw "ESC" + "APED"'

/** A program is the body of a function of ours, which a brace could close. */
export const WRAPPERS: Family = family('closing the function around the program', [
  [
    'a closing brace',
    'safe-eval CVE-2017-16088',
    'the text was put between braces',
    `}; ${evil}; (function () {`,
    { ...program, ends: ['threw'] },
  ],
  [
    'a closing brace behind a comment',
    'vm2 attack category 12',
    'a comment hid it',
    `/*\n*/ } }, x: { run() { ${evil}`,
    { ...program, ends: ['threw'] },
  ],
  [
    'a closing brace and a table of its own',
    'new',
    'the table of modules is an object literal',
    `} } }, entry: "x", modules: { x: { kind: "script", deps: {}, run() { ${evil}`,
    { ...program, ends: ['threw'] },
  ],
  [
    'a closing brace behind a return',
    'new',
    'nothing was checked past the return',
    `return 1 } }); ${evil}; ({ a: { b() {`,
    { ...program, ends: ['threw'] },
  ],
  [
    'a closing parenthesis',
    'new',
    'the parameters come before the body',
    `) { } (function (`,
    { ...program, ends: ['threw'] },
  ],
  ['an open template', 'new', 'it swallows what follows', '`${1', { ...program, ends: ['threw'] }],
  ['an open string', 'new', 'it swallows what follows', '"', { ...program, ends: ['threw'] }],
  ['a comment at the end', 'new', 'it swallows the brace that follows', '1 // }', { as: 'program' }],
  [
    'a hashbang that ends late',
    'new',
    'the first line is not looked at',
    `#! } } ${evil}`,
    { ...program, ends: ['returned'] },
  ],
  ['super of the wrapper', 'new', 'methods have one', 'super.constructor', { ...program, ends: ['threw'] }],
  ['super() of the wrapper', 'new', 'constructors have one', 'super()', { ...program, ends: ['threw'] }],
  [
    'new.target of the wrapper',
    'new',
    'functions have one',
    'if (typeof new.target !== "undefined") throw "ESC" + "APED"; 1',
    program,
  ],
  ['a private name of the wrapper', 'new', 'a class would have some', 'this.#x', { ...program, ends: ['threw'] }],
  ['await in the wrapper', 'new', 'the wrapper may be asynchronous', 'await 1; 1', program],
  ['a jump out of the wrapper', 'new', 'labels end at functions', 'break', { ...program, ends: ['threw'] }],
  [
    'a return out of a script',
    'new',
    'the value kept is another',
    'return "ESC" + "APED?"',
    { ...program, ends: ['returned', 'threw'] },
  ],
  [
    'hoisted names of the wrapper',
    'vm2 attack category 12',
    'a function declaration replaces a parameter',
    'function __ringfence_import__() { return 1 } function input() {} var __ringfence_value__ = 2; 3',
    program,
  ],
  [
    'names of the wrapper read',
    'vm2 GHSA-wp5r-2gw5-m7q7',
    'the state of the transformer had a name',
    'typeof __ringfence_value__ + typeof __ringfence_import__',
    program,
  ],
  [
    'the arguments of the wrapper replaced',
    'new',
    'sloppy arguments are the parameters',
    'arguments[1] = () => "mine"; arguments[0] = 1; input',
    program,
  ],
  [
    'strictness smuggled in',
    'new',
    'a directive must come first',
    '"use strict"; (function () { return this })() === undefined ? 1 : (() => { throw "ESC" + "APED" })()',
    program,
  ],
  [
    'a module name that closes a text',
    'new',
    'names stand in the script',
    'import a from "\\"]: 1, [globalThis.x = 1]: \\""; export default a',
    { ...program, options: { modules: { '"]: 1, [globalThis.x = 1]: "': 'export default 1' } } },
  ],
  [
    'a file name that ends a line',
    'new',
    'names stand in comments',
    '1',
    { as: 'program', options: { filename: 'a.js\n} throw "ESC" + "APED" //' }, ends: any },
  ],
])
