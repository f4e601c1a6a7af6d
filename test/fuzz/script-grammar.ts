import * as fc from 'fast-check'

const name = fc.constantFrom('a', 'b', 'c')
const literal = fc.oneof(
  fc.integer({ min: -3, max: 9 }).map(String),
  fc.constantFrom("'s'", '`t`', 'true', 'null', 'undefined', '[1, 2]', '({ a: 1 })', '0.5', '7n', '""'),
)
const BINARY = ['+', '-', '*', '<', '>=', '===', '!=', '&&', '||', '??', ',', '&', '>>>', 'in', 'instanceof']

interface Grammar {
  readonly expression: string
  readonly statement: string
}

/** Joins the parts of a rule, each a text or a thing to be generated. */
const rule = (parts: TemplateStringsArray, ...holes: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...holes).map((texts) => String.raw({ raw: parts }, ...texts))

const { statement } = fc.letrec<Grammar>((tie) => {
  const e = tie('expression') as fc.Arbitrary<string>
  const s = tie('statement') as fc.Arbitrary<string>
  const block = fc.array(s, { maxLength: 3 }).map((list) => `{ ${list.join(' ')} }`)
  const body = fc.oneof(block, s)
  const gap = fc.constantFrom(';', '\n;', ' ;\n')
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal,
      name,
      rule`(${e} ${fc.constantFrom(...BINARY.slice(0, 13))} ${e})`,
      rule`(${name} ${fc.constantFrom('=', '+=', '??=')} ${e})`,
      rule`(${e} ? ${e} : ${e})`,
      rule`${fc.constantFrom('!', '-', 'typeof ', 'void ')}(${e})`,
      rule`[${e}, ...[${e}]]`,
      rule`((${name}) => ${e})(${e})`,
      rule`((${name}) => { ${s} return ${e} })(${e})`,
      rule`({ ${name}: ${e} })?.${name}`,
      rule`\`x\${${e}}\``,
      rule`(class { static f = ${e}; static { ${s} } }).f`,
    ),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      rule`${e}${gap}`,
      rule`var ${name} = ${e};`,
      rule`${name} = ${e};`,
      rule`if (${e}) ${body}`,
      rule`if (${e}) ${block} else ${body}`,
      rule`for (let i = 0; i < 3; i++) ${block}`,
      rule`for (let i = 0; i < 3; i++) { ${s} if (i) ${fc.constantFrom('break', 'continue')}; ${s} }`,
      rule`for (var ${name} of [1, 2]) ${block}`,
      rule`for (var ${name} in { x: 1, y: 2 }) ${body}`,
      rule`do ${block} while (false);`,
      rule`outer: for (;;) { ${s} for (;;) { ${s} break outer } }`,
      rule`label: { ${s} break label; ${s} }`,
      rule`switch (${e}) { case 1: ${s} case ${e}: ${s} break; default: ${s} }`,
      rule`try { ${s} } catch { ${s} }`,
      rule`try { ${s} } finally { ${s} }`,
      rule`try { ${s} throw ${e} } catch (${name}) { ${s} } finally { ${s} }`,
      rule`while (true) try { ${s} break } finally { ${s} }`,
      rule`class K { x = ${e} }`,
      fc.constantFrom(';', '{}', '"directive";', 'var a;', 'l: ;'),
      block,
    ),
  }
})

/** Scripts without effects beyond themselves, that end, and come to a value or throw. */
export const scripts: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.constantFrom("'use strict';", "'a'\n", ''), { maxLength: 1 }),
    fc.array(statement, { maxLength: 5 }),
  )
  // Not in blocks: there V8 takes a function declaration for a value, and the language does not.
  .map(([directives, list]) => `${directives.join('')}function f() {}\nvar a = 1, b = 's', c; ${list.join('\n')}`)
