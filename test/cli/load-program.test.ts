import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadProgram } from '../../src/cli/load-program.ts'
import { captureTerminal } from './captured-terminal.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-cli-'))
  await writeFile(at('main.ts'), 'export default 1')
  await writeFile(at('data.json'), '{"x":1}')
  await writeFile(at('broken.json'), '{"x":')
})
afterAll(() => rm(folder, { recursive: true }))

const quiet = { logLevel: 'silent' }

describe('loadProgram', () => {
  it('reads the program, its modules, its input and the policy', async () => {
    const given = {
      ...quiet,
      trust: 'hostile',
      export: 'main',
      limit: { wallMs: 5 },
      module: [{ name: 'a', path: at('main.ts') }],
      input: { kind: 'file', path: at('data.json') },
      policy: at('data.json'),
    } as const
    expect(await loadProgram(at('main.ts'), given, captureTerminal())).toEqual({
      source: 'export default 1',
      options: {
        filename: 'main.ts',
        trust: 'hostile',
        export: 'main',
        limits: { wallMs: 5 },
        modules: { a: 'export default 1' },
        input: { x: 1 },
      },
      broker: { policy: { x: 1 } },
    })
  })

  it('reads the program from the standard input, where a character may be split between chunks', async () => {
    const bytes = new TextEncoder().encode('"ä"')
    const loaded = await loadProgram('-', quiet, captureTerminal([bytes.slice(0, 2), bytes.slice(2)]))
    expect(loaded).toEqual({ source: '"ä"', options: {}, broker: {} })
  })

  it('reads the input from the standard input', async () => {
    const given = { ...quiet, input: { kind: 'file', path: '-' } } as const
    const loaded = await loadProgram(at('main.ts'), given, captureTerminal(['[1', ',2]']))
    expect(loaded.options.input).toEqual([1, 2])
  })

  it('does not read both from there', async () => {
    const given = { ...quiet, input: { kind: 'file', path: '-' } } as const
    await expect(loadProgram('-', given, captureTerminal())).rejects.toThrow('both the program and its input')
  })

  it.each([
    ['gone.ts', {}, /^Cannot read program: ENOENT.*gone\.ts/],
    ['main.ts', { module: ['m', 'gone.ts'] }, /^Cannot read module "m": ENOENT/],
    ['main.ts', { input: 'gone.json' }, /^Cannot read input: ENOENT/],
    ['main.ts', { input: 'broken.json' }, /^Cannot read input: it is not JSON/],
    ['main.ts', { policy: 'broken.json' }, /^Cannot read policy: it is not JSON/],
  ] as const)('of %s with %j names what cannot be read', async (file, bad, message) => {
    const given = {
      ...quiet,
      ...('module' in bad && { module: [{ name: bad.module[0], path: at(bad.module[1]) }] }),
      ...('input' in bad && { input: { kind: 'file', path: at(bad.input) } as const }),
      ...('policy' in bad && { policy: at(bad.policy) }),
    }
    const failure = loadProgram(at(file), given, captureTerminal())
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toHaveProperty('name', 'UsageError')
  })
})
