import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFormula, FormulaBook } from '../../examples/formulas/formula-book.ts'
import { TRUST_LEVELS } from '../../src/core/trust.ts'
import { type Broker, createBroker } from '../../src/index.ts'

const run = promisify(execFile)
const COLUMNS = ['price', 'quantity']
const ROWS = [
  { price: 2, quantity: 3 },
  { price: 5, quantity: 0 },
]

let broker: Broker

beforeAll(async () => {
  broker = await createBroker({ policy: { levels: { hostile: { isolation: 'none' } } } })
})
afterAll(() => broker.close())

describe('a book of formulas', () => {
  it('evaluates each formula for each row, whoever wrote it', async () => {
    const formulas = { total: 'price * quantity', unit: 'quantity === 0 ? null : price / quantity' }
    const authors = TRUST_LEVELS.map((trust) => ({
      name: trust,
      trust,
      formulas,
    }))
    await using book = await FormulaBook.open(broker, authors, COLUMNS)
    const columns = { total: [6, 0], unit: [2 / 3, null] }
    expect([...(await book.evaluate(ROWS))]).toEqual(authors.map(({ name }) => [name, { kind: 'values', columns }]))
  })

  it('ends the formulas of who misbehaves, and of nobody else', async () => {
    const authors = [
      { name: 'honest', trust: 'untrusted', formulas: { twice: 'price * 2', fails: 'nothing.here' } },
      { name: 'spins', trust: 'untrusted', formulas: { fine: '1', spins: '(() => { for (;;); })()' } },
    ] as const
    await using book = await FormulaBook.open(broker, authors, COLUMNS)
    const evaluated = await book.evaluate(ROWS)
    expect(evaluated.get('honest')).toEqual({
      kind: 'values',
      columns: { twice: [4, 10], fails: ['#ReferenceError', '#ReferenceError'] },
    })
    expect(evaluated.get('spins')).toMatchObject({ kind: 'ended', outcome: { kind: 'exceeded' } })
  })

  it('shows a formula neither other formulas nor what other authors keep', async () => {
    const formulas = { leaves: '(globalThis.kept = price)', looks: 'typeof evaluate + typeof f0' }
    const authors = [
      { name: 'a', trust: 'untrusted', formulas },
      { name: 'b', trust: 'untrusted', formulas: { looks: 'typeof globalThis.kept' } },
    ] as const
    await using book = await FormulaBook.open(broker, authors, COLUMNS)
    await book.evaluate(ROWS)
    const evaluated = await book.evaluate(ROWS)
    expect(evaluated.get('a')).toMatchObject({ columns: { looks: ['undefinedundefined', 'undefinedundefined'] } })
    expect(evaluated.get('b')).toMatchObject({ columns: { looks: ['undefined', 'undefined'] } })
  })

  it('checks a formula before anything runs', () => {
    expect(checkFormula('price *')).toMatch(/^Unexpected/)
    expect(checkFormula('1 + 1')).toBeUndefined()
    expect(checkFormula('({ a: [1, 2] }).a.at(-1) // the last')).toBeUndefined()
  })

  it.each(['1); globalThis.kept = 5; (2', 'a) => (b', '1) + (1', '...price', '1 /*', '', '1]; [2'])(
    'takes nothing for a formula that is none: %s',
    (text) => {
      expect(checkFormula(text)).toBeTypeOf('string')
    },
  )

  it('names the formula that cannot be compiled', async () => {
    const authors = [{ name: 'a', trust: 'untrusted', formulas: { good: '1', bad: '1 +' } }] as const
    await expect(FormulaBook.open(broker, authors, COLUMNS)).rejects.toThrow('Cannot compile "bad" of a: ')
  })
})

it('shows itself from the shell', { timeout: 60_000 }, async () => {
  const { stdout } = await run(process.execPath, ['examples/formulas/main.ts', '--rows', '100'])
  expect(stdout).toContain('finance: 2 formulas, total = 1, 4, 9, …')
  expect(stdout).toContain('an attacker: exceeded')
  expect(stdout).toMatch(/5400 evaluations in \d/)
})
