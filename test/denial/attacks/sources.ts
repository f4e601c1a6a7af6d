import type { RunOptions } from '../../../src/index.ts'
import type { Attack } from '../attack.ts'

const repeated = (times: number, piece: (index: number) => string): string =>
  Array.from({ length: times }, (_, i) => piece(i)).join('')

const source = (title: string, text: string, ends: Attack['ends'], options: RunOptions = {}): Attack => ({
  title,
  source: text,
  ends,
  options,
})

/** A program of modules, each of which says what the next imports. */
const modules = (times: number, text: (index: number) => string): NonNullable<RunOptions['modules']> =>
  Object.fromEntries(Array.from({ length: times }, (_, i) => [`m${i}`, text(i)]))

/** Texts that keep a parser busy, or what works on the tree it makes. */
export const SOURCES: readonly Attack[] = [
  source('brackets that nest too deep', '('.repeat(50_000), 'threw SyntaxError'),
  source('lists that nest too deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'threw SyntaxError'),
  source('blocks that nest too deep', `${'{'.repeat(50_000)}${'}'.repeat(50_000)}`, 'threw SyntaxError'),
  source('functions that nest too deep', `${'() => '.repeat(50_000)}1`, 'threw SyntaxError'),
  source('a chain of operators without end', `1${' + 1'.repeat(50_000)}`, 'threw SyntaxError'),
  source('a chain of calls without end', `input${'()'.repeat(50_000)}`, 'threw SyntaxError'),
  source('a chain of else without end', `${'if (0) ; else '.repeat(20_000)};`, 'threw SyntaxError'),
  source('templates that nest too deep', `${'`${'.repeat(20_000)}1${'}`'.repeat(20_000)}`, 'threw SyntaxError'),
  source('a megabyte of what may be type arguments', 'a<'.repeat(500_000), 'threw SyntaxError'),
  source('what may be arrow functions, again and again', '('.repeat(400_000), 'threw SyntaxError'),
  source('a list of 20,000 numbers', `[${'1,'.repeat(20_000)}].length`, 'returned 20000'),
  source('a template of 10,000 pieces', `\`${'x${1}'.repeat(10_000)}\`.length`, 'returned 20000'),
  source('5,000 names in one declaration', `let ${repeated(5000, (i) => `n${i},`)} last = 1; last`, 'returned 1'),
  source('5,000 functions', `${repeated(5000, (i) => `function f${i}() {}\n`)} f9()`, 'returned undefined'),
  source(
    '3,000 members of a class',
    `class C { ${repeated(3000, (i) => `m${i}() {}\n`)} } typeof C`,
    'returned function',
  ),
  source('3,000 cases of a switch', `switch (1) { ${repeated(3000, (i) => `case ${i}: break\n`)} } 1`, 'returned 1'),
  source(
    '2,000 exports',
    repeated(2000, (i) => `export const e${i} = ${i};\n`),
    'threw TypeError',
  ),
  source('one name of half a megabyte', `var ${'a'.repeat(500_000)} = 1; 1`, 'returned 1'),
  source('one number of 100,000 digits', `${'9'.repeat(100_000)}n > 1n`, 'returned true'),
  source('one regular expression of 100,000 choices', `/${'a|'.repeat(100_000)}b/.test("c")`, [
    'returned false',
    'wallMs',
    'cpuMs',
  ]),
  source('one regular expression of nested repetitions', `/${'('.repeat(500)}a${'+)'.repeat(500)}/.test("b")`, [
    'returned false',
    'wallMs',
    'cpuMs',
  ]),
  source('a flood of illegal characters', '@'.repeat(20_000), 'threw SyntaxError'),
  source('a flood of declarations made twice', 'let a;\n'.repeat(4000), 'threw SyntaxError'),
  source('a flood of breaks out of nothing', 'break;'.repeat(2000), 'threw SyntaxError'),
  source('a flood of private names made twice', `class A { ${'#a; '.repeat(1500)} }`, 'threw SyntaxError'),
  source('a flood of exports of nothing', 'export { a };'.repeat(2000), 'threw SyntaxError'),
  source('a flood of comments', `${'/**/'.repeat(30_000)} 1`, 'returned 1'),
  source('a flood of empty statements', `${';'.repeat(30_000)} 1`, 'returned 1'),
  source('a flood of line breaks', `${'\u2028'.repeat(200_000)} 1`, 'returned 1'),
  source(
    'a flood of type annotations',
    `${repeated(1000, (i) => `type T${i} = { [K in keyof T${i + 1}]: T${i + 1}[K] };\n`)} 1`,
    'returned 1',
  ),
  source(
    '200 modules that one imports',
    `${repeated(200, (i) => `import * as m${i} from 'm${i}'\n`)} export default () => 1`,
    'returned 1',
    { modules: modules(200, () => 'export const a = 1') },
  ),
  source('a chain of 300 modules', `import 'm0'; export default () => 1`, 'returned 1', {
    modules: modules(300, (i) => (i < 299 ? `import 'm${i + 1}'` : '')),
  }),
  source('60 modules that all import all', `import 'm0'; export default () => 1`, 'returned 1', {
    modules: modules(60, () => repeated(60, (i) => `import 'm${i}'\n`)),
  }),
  source('a circle of modules', `import { a } from 'm0'; export default () => a`, 'threw ReferenceError', {
    modules: modules(2, (i) => `import { a as b } from 'm${1 - i}'; export const a = b`),
  }),
  source('a module that imports itself', `import { a } from 'm0'; export default () => a`, 'threw ReferenceError', {
    modules: modules(1, () => `import { a as b } from 'm0'; export const a = b`),
  }),
  source(
    'modules that re-export one another without end',
    `import { x } from 'm0'; export default () => x`,
    'threw SyntaxError',
    { modules: modules(2, (i) => `export * from 'm${1 - i}'`) },
  ),
]
