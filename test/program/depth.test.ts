import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { depthProblem } from '../../src/program/depth.ts'
import { prepare } from '../../src/program/prepare.ts'

/** 50,000 steps down: each of these once ended the whole process by SIGSEGV, from within the native parser. */
const DEEP: readonly (readonly [string, (n: number) => string])[] = [
  ['parentheses', (n) => `${'('.repeat(n)}1${')'.repeat(n)}`],
  ['parentheses left open', (n) => '('.repeat(n)],
  ['arrays', (n) => `${'['.repeat(n)}${']'.repeat(n)}`],
  ['objects', (n) => `x = ${'{a:'.repeat(n)}1${'}'.repeat(n)}`],
  ['blocks', (n) => `${'{'.repeat(n)}${'}'.repeat(n)}`],
  ['functions', (n) => `${'(function(){'.repeat(n)}${'})'.repeat(n)}`],
  ['arrows', (n) => `${'a=>'.repeat(n)}1`],
  ['signs', (n) => `${'!'.repeat(n)}1`],
  ['words', (n) => `${'typeof '.repeat(n)}1`],
  ['words on lines', (n) => `${'typeof\n'.repeat(n)}1`],
  ['sums', (n) => `a${'+a'.repeat(n)}`],
  ['sums on lines', (n) => `a${'\n+a'.repeat(n)}`],
  ['powers', (n) => `a${'**a'.repeat(n)}`],
  ['conditions', (n) => `${'a?a:'.repeat(n)}1`],
  ['conditions with increments on lines', (n) => `${'a?b:++\n'.repeat(n)}a`],
  ['ifs', (n) => `${'if(a)'.repeat(n)};`],
  ['ifs on lines', (n) => `${'if(a)\n'.repeat(n)};`],
  ['else ifs', (n) => `${'if(a);else '.repeat(n)};`],
  ['else ifs with lists', (n) => `${'if(a)b,c;\nelse '.repeat(n)};`],
  ['else ifs behind loops', (n) => `if(a)do;while(0)${'else if(b)do;while(0)'.repeat(n)}`],
  ['members', (n) => `a${'.a'.repeat(n)}`],
  ['calls', (n) => `a${'(b,c)'.repeat(n)}`],
  ['templates', (n) => `${'`${'.repeat(n)}1${'}`'.repeat(n)}`],
  ['tags', (n) => `a${'`x`'.repeat(n)}`],
  ['labels', (n) => `${Array.from({ length: n }, (_, i) => `l${i}:`).join('')};`],
  ['types', (n) => `let x: ${'['.repeat(n)}${']'.repeat(n)}`],
  ['type arguments', (n) => `let x: ${'A<'.repeat(n)}B${'>'.repeat(n)}`],
  ['lists of type arguments', (n) => 'f<a,'.repeat(n)],
  ['assertions', (n) => `x${' as any'.repeat(n)}`],
  ['non-null assertions', (n) => `x${'!'.repeat(n)}`],
  ['decorators', (n) => '@a '.repeat(n)],
  ['decorators on lines', (n) => `${'@\n'.repeat(n)}${'a'.repeat(n)}`],
  ['words with escapes', (n) => `${'\\u0074ypeof\n'.repeat(n)}1`],
  ['namespaces', (n) => `namespace A${'.A'.repeat(n)} {}`],
  ['brackets that only texts close', (n) => `x = ${'(")",'.repeat(n)}`],
  ['brackets that only regular expressions close', (n) => `x = ${'(/[)]/,'.repeat(n)}`],
  ['brackets that only comments close', (n) => `x = ${'( /* ) */ '.repeat(n)}`],
  ['brackets that only templates close', (n) => `x = ${'(`)`+'.repeat(n)}`],
]

describe('code that nests too deep', () => {
  it.each(DEEP)('is a syntax error, not the end of the host: %s', (_, make) => {
    expect(prepare(make(50_000))).toMatchObject({
      kind: 'invalid',
      error: {
        name: 'SyntaxError',
        message: 'The code nests more than 1000 levels deep',
        location: { file: 'program.ts' },
      },
    })
    expect(depthProblem(make(20))).toBeUndefined()
  })

  it('is a syntax error too where little of the stack is left', () => {
    const source = `x = ${'[a, '.repeat(300)}${']'.repeat(300)}; import('b')`
    const kinds = new Set<string>()
    const descend = (): void => {
      try {
        descend()
      } catch {
        // The stack is full here, and one frame less full each time this is caught anew.
        kinds.add(prepare(source, { kind: 'script', filename: 'program.js' }).kind)
      }
    }
    expect(descend).not.toThrow()
    expect([...kinds].every((kind) => kind === 'ready' || kind === 'invalid')).toBe(true)
    expect(prepare(source, { kind: 'script', filename: 'program.js' }).kind).toBe('ready')
  })

  it('is found in modules too', () => {
    expect(prepare('1', { modules: { deep: '('.repeat(50_000) } })).toMatchObject({
      kind: 'invalid',
      error: { location: { file: 'deep' } },
    })
  })

  it.each(DEEP)('is no deeper than what the parser bears when it is just let through: %s', (_, make) => {
    let low = 1
    let high = 50_000
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (depthProblem(make(middle)) === undefined) low = middle
      else high = middle
    }
    expect(['ready', 'invalid', 'refused']).toContain(prepare(make(low)).kind)
  })
})

describe('code that does not nest deep', () => {
  it.each<[string, (n: number) => string]>([
    ['statements', (n) => 'a = b + 1;'.repeat(n)],
    ['statements without semicolons', (n) => 'a = f(b) + 1\n'.repeat(n)],
    ['functions', (n) => 'function f(a) { return a.b.c }\n'.repeat(n)],
    ['functions on one line', (n) => 'function f(a){return a.b.c}'.repeat(n)],
    ['types', (n) => 'interface A extends B<C> {\n  a?: string | number\n  b(): void\n}\n'.repeat(n)],
    ['a long list', (n) => `x = [${'{ a: 1, b: [2, "three"] },\n'.repeat(n)}]`],
    ['a long text', (n) => `x = "${'(['.repeat(n)}"`],
    ['a long comment', (n) => `/* ${'(['.repeat(n)} */`],
    ['a long template', (n) => `x = \`${'${a + (b)} (['.repeat(n)}\``],
    ['regular expressions', (n) => 'x = /[(]["\'`]/.test(a) && (b) / 2 / c\n'.repeat(n)],
  ])('may be long: %s', (_, make) => {
    expect(depthProblem(make(2000))).toBeUndefined()
  })

  it('is what people write: every source of this project and of its libraries', () => {
    const files = globSync('{src,test,node_modules/{vitest,zod,pino,commander,execa}}/**/*.{js,ts,cjs,mjs}')
    expect(files.length).toBeGreaterThan(100)
    const problems = files.map((file) => ({ file, problem: depthProblem(readFileSync(file, 'utf8')) }))
    expect(problems.filter(({ problem }) => problem !== undefined)).toEqual([])
  })
})

describe('text that only a parser can read', () => {
  const padding = 'a;'.repeat(1000)

  it.each([
    [
      'a regular expression or a division after a brace',
      `${padding}{}/["]/.x; ((("`,
      'regular expression or a division',
    ],
    ['an HTML-like comment', `${padding}a <!-- "`, 'HTML-like comments'],
    ['the end of an HTML-like comment', `${padding}\n--> "`, 'HTML-like comments'],
  ])('is refused, since a bracket could hide in it: %s', (_, source, message) => {
    expect(depthProblem(source)?.message).toContain(message)
  })
})

/** Each of these once kept a scanner made of regular expressions busy for seconds, for years, or past the end of its stack. */
describe('a long text', () => {
  it.each([
    ['a string that does not end', `'${'a'.repeat(400_000)}`],
    ['strings that do not end', `x\n'"\n`.repeat(300_000)],
    ['lines of comments', '//\n'.repeat(300_000)],
    ['comments that do not end', '/* '.repeat(200_000)],
    ['a template of escapes', `\`${'\\a'.repeat(400_000)}`],
    ['classes of regular expressions that do not end', '/['.repeat(500_000)],
    ['regular expressions that do not end behind braces', '}/['.repeat(500_000)],
    ['a name', 'a'.repeat(500_000)],
    ['a number', '1_'.repeat(400_000)],
  ])('is read once: %s', (_, source) => {
    const startedAt = performance.now()
    depthProblem(source)
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })

  it.each([["'"], ['"'], ['`'], ['/'], ['/*'], ['x = /['], ['"\\'], ['`${']])(
    'is a syntax error at once when nothing ends it: %s',
    (opening) => {
      const prepared = prepare(opening + 'a'.repeat(100_000))
      expect(prepared.kind).toBe('invalid')
    },
  )
})
