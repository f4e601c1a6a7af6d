import { expect, test } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { ownerKey } from '../../src/program/cache.ts'
import { prepare } from '../../src/program/prepare.ts'
import { hashOf } from '../../src/program/program-data.ts'
import { parsePrepared } from '../../src/tiers/prepare-protocol.ts'
import { compilerPool } from '../../src/tiers/preparer.ts'

/** The parser tries every `<` as the start of type arguments: minutes of work in 100 KB of text. */
const OVERWHELMING = ('a<'.repeat(400) + 'b;').repeat(125)

test('text that overwhelms the parser ends as a syntax error while the host goes on working', async () => {
  await using broker = await createBroker()
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 10)
  const { outcome } = await broker.run(OVERWHELMING)
  clearInterval(timer)
  expect(outcome).toMatchObject({ kind: 'threw', error: { name: 'SyntaxError' } })
  expect(JSON.stringify(outcome)).toMatch(/takes the parser too (?:long|much memory): more than \d+ (?:ms|MiB)/)
  expect(turns).toBeGreaterThan(10)
  const next = await broker.run(`export default () => 'served' // ${'-'.repeat(300)}`)
  expect(next.outcome).toEqual({ kind: 'returned', value: 'served' })
})

test('an execution can be killed while its program is being prepared', async () => {
  await using broker = await createBroker()
  const running = broker.start(`${OVERWHELMING} // another`)
  await running.kill('not worth waiting for')
  expect((await running.result).outcome).toEqual({ kind: 'killed', by: 'handle', reason: 'not worth waiting for' })
})

test('closing the broker ends what is being prepared', async () => {
  const broker = await createBroker()
  const running = broker.start(`${OVERWHELMING} // a third`)
  await broker.close()
  expect((await running.result).outcome.kind).toBe('killed')
})

test('what was prepared elsewhere is the same as what is prepared here', async () => {
  const modules = { 'stats.ts': 'export const sum = (xs: number[]) => xs.reduce((a, b) => a + b, 0)' }
  const source = `import { sum } from './stats.ts'
    export default (xs: number[]) => { if (xs.length === 0) throw new Error('none'); return sum(xs) } // ${'.'.repeat(300)}`
  await using preparer = compilerPool()
  const owner = { trust: 'untrusted', tenant: 'default' } as const
  await preparer.prepare(source, { modules, filename: 'a.ts' }, owner)
  const there = prepare(source, { modules, filename: 'a.ts' }, ownerKey(owner))
  const here = prepare(source, { modules, filename: 'b.ts' })
  if (there.kind !== 'ready' || here.kind !== 'ready') throw new Error('not prepared')
  expect(there.program.script).toBe(here.program.script.replaceAll('b.ts', 'a.ts'))
  for (let line = 1; line < there.program.script.split('\n').length; line += 1) {
    const place = here.program.locate(line, 10)
    expect(there.program.locate(line, 10)).toEqual(place?.file === 'b.ts' ? { ...place, file: 'a.ts' } : place)
  }
})

test('errors of a program prepared elsewhere name the place in its source', async () => {
  await using broker = await createBroker()
  const source = `// ${'-'.repeat(300)}\nexport default () => {\n  throw new RangeError('here')\n}\n`
  const { outcome } = await broker.run(source, { filename: 'rule.ts' })
  expect(outcome).toMatchObject({ kind: 'threw', error: { location: { file: 'rule.ts', line: 3, column: 9 } } })
})

const SCRIPT = '({})'
const PROGRAM = {
  hash: hashOf(SCRIPT),
  script: SCRIPT,
  filename: 'a.ts',
  kind: 'module',
  moduleNames: ['a.ts'],
  placements: [{ name: 'a.ts', firstLine: 1, lines: 1, maps: [{ mappings: '' }] }],
}

test('an answer of the compiler is taken when it is a program', () => {
  expect(parsePrepared(JSON.stringify({ kind: 'ready', program: PROGRAM }))).toEqual({
    kind: 'ready',
    program: PROGRAM,
  })
})

test.each([
  ['nothing', null],
  ['no program', { kind: 'ready' }],
  ['a program under the name of another', { kind: 'ready', program: { ...PROGRAM, script: '({ other: 1 })' } }],
  ['places that are none', { kind: 'ready', program: { ...PROGRAM, placements: [{ name: 7 }] } }],
  [
    'maps that are none',
    { kind: 'ready', program: { ...PROGRAM, placements: [{ ...PROGRAM.placements[0], maps: [null] }] } },
  ],
  ['an error without a name', { kind: 'invalid', error: { message: 'x' } }],
  ['something else', { kind: 'done' }],
])('a compiler in the hands of its text cannot answer with %s', (_what, answer) => {
  expect(() => parsePrepared(JSON.stringify(answer))).toThrow('it is no program')
})
