import { describe, expect, it } from 'vitest'
import type { GuestError } from '../../src/core/types.ts'
import { mapError } from '../../src/program/map-error.ts'
import type { PrepareOptions } from '../../src/program/prepare.ts'
import { load, ready } from './bare-realm.ts'

/** Runs a program to its error, and maps it. */
async function mapped(source: string, options: PrepareOptions = {}): Promise<GuestError> {
  const program = ready(source, options)
  try {
    await load(program)
  } catch (error) {
    const { name, message, stack } = error as GuestError
    return mapError(program, { name, message, ...(stack === undefined ? {} : { stack }) })
  }
  throw new Error('The program did not throw')
}

const TYPED = `interface Order {
  price: number
}

type Rule<T> = (order: Order) => T

// A comment that goes.
enum Kind { A, B }

const rule: Rule<never> = (order: Order): never => {
  throw new RangeError('at line 11')
}
`

describe('the place of an error', () => {
  it.each<[string, string, PrepareOptions, number, number]>([
    ['a TypeScript module', `${TYPED}export default rule({ price: 1 })`, {}, 11, 9],
    ['a TypeScript script', `${TYPED}rule({ price: 1 })`, {}, 11, 9],
    ['a TypeScript CommonJS module', `${TYPED}module.exports = rule({ price: 1 })`, {}, 11, 9],
    ['a script behind a hashbang', '#!/bin/x\n\nif (true) { throw new Error("x") }', {}, 3, 19],
    ['a module behind imports', `import './b'\nimport './b'\n\nthrow new Error('x')`, { modules: { b: '' } }, 4, 7],
    ['a file with other line ends', 'const a = 1\r\n\r\nthrow new Error("x")', {}, 3, 7],
    ['a file with a line separator in a text', '`\u2028`; "\u2029"\nthrow new Error("x")', {}, 4, 7],
    ['a multi-line template', 'const a = `\n\n`\nthrow new Error("x")', {}, 4, 7],
  ])('is found in %s', async (_, source, options, line, column) => {
    const error = await mapped(source, options)
    expect(error.location).toEqual({ file: 'program.ts', line, column })
    expect(error.stack).toContain(`program.ts:${line}:${column}`)
    expect(error.stack).not.toContain('guest:program')
    expect(error.codeFrame).toMatch(new RegExp(`^> *${line} \\|`, 'm'))
  })

  it('is found in an imported module', async () => {
    const error = await mapped(`import { f } from './lib/b'\nf()`, {
      modules: { 'lib/b.ts': 'export type T = 1\n\nexport function f(): void {\n  null!.x\n}' },
    })
    expect(error.location).toMatchObject({ file: 'lib/b.ts', line: 4 })
    expect(error.codeFrame).toContain('null!.x')
    expect(error.stack).toMatch(/at f \(lib\/b\.ts:4:\d+\)\n +at program\.ts:2:1/)
  })

  it('is that of the topmost frame in the program, whatever the message says', async () => {
    const error = await mapped('const a = 1\nthrow new Error("first\\n(guest:program:3:1)")')
    expect(error.location).toEqual({ file: 'program.ts', line: 2, column: 7 })
    expect(error.message).toBe('first\n(guest:program:3:1)')
  })

  it('is not made up for frames outside the sources, and our own are left out', () => {
    const program = ready('1')
    const stack = 'Error: x\n    at guest:program:1:1\n    at guest:program:99:1\n    at guest:kernel:3:1'
    expect(mapError(program, { name: 'Error', message: 'x', stack })).toEqual({
      name: 'Error',
      message: 'x',
      stack: 'Error: x\n    at guest:kernel:3:1',
    })
  })

  it('is not looked for when it is known, or when there is no stack', () => {
    const program = ready('1')
    const known = {
      name: 'E',
      message: 'x',
      stack: 'at guest:program:3:1',
      location: { file: 'a', line: 1, column: 1 },
    }
    expect(mapError(program, known)).toEqual(known)
    expect(mapError(program, { name: 'E', message: 'x' })).toEqual({ name: 'E', message: 'x' })
  })
})

describe('the words of an error', () => {
  it('call what was imported by its own name', async () => {
    const error = await mapped(`import { sum } from './b'\nsum()`, { modules: { b: 'export const sum = 1' } })
    expect(error.message).toBe('sum is not a function')
    expect(error.stack).toMatch(/^TypeError: sum is not a function\n/)
  })

  it('call what has no name default', async () => {
    const error = await mapped(`import f from './b'\nf()`, {
      modules: { b: 'export default () => { throw new Error() }' },
    })
    expect(error.stack).toMatch(/at default \(b:1:\d+\)/)
  })
})

describe('a program', () => {
  it('shows the lines around any place in its sources', () => {
    const program = ready('1\n2', { modules: { b: '3\n4' } })
    expect(program.frame({ file: 'b', line: 2, column: 1 })).toBe('  1 | 3\n> 2 | 4\n    | ^')
    expect(program.frame({ file: 'nowhere', line: 1, column: 1 })).toBeUndefined()
  })

  it('locates nothing in its own wrapping', () => {
    const program = ready('export const a = 1\nexport default a')
    const lines = program.script.split('\n')
    expect(program.locate(1, 1)).toBeUndefined()
    expect(program.locate(2, 1)).toBeUndefined()
    expect(program.locate(lines.length, 1)).toBeUndefined()
    expect(program.locate(1e9, 1)).toBeUndefined()
    expect(program.locate(lines.findIndex((line) => line.startsWith('const a')) + 1, 7)).toMatchObject({ line: 1 })
  })
})
