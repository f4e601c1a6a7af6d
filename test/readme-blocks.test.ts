import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Block, commandsOf, moduleOf, npmScriptsOf, parseBlocks, runCommand, runModule } from './readme-blocks.ts'
import { matches } from './readme-check.ts'
import { ROOT } from './source-tree.ts'

const blocks = parseBlocks(readFileSync(`${ROOT}/test/fixtures/readme/minimal.md`, 'utf8'))

function blockAt(index: number): Block {
  const block = blocks[index]
  if (!block) throw new RangeError(`Cannot take block ${index}: there are ${blocks.length}`)
  return block
}

const typescript = (text: string): Block => ({ language: 'ts', text, line: 10 })

describe('the blocks of a README', () => {
  it('are found in order, with their languages and lines, and not within other blocks', () => {
    expect(blocks.map(({ language, line }) => [language, line])).toEqual([
      ['ts', 4],
      ['ts', 17],
      ['sh', 21],
      ['md', 29],
    ])
  })
})

describe('a TypeScript block', () => {
  it('runs as a module in which every "// =>" holds', async () => {
    await expect(runModule(blockAt(0))).resolves.toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('fails, with the line, where a "// =>" does not hold', async () => {
    const { exitCode, stderr } = await runModule(blockAt(1))
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Line 17 says 3, but the value is 2')
  })

  it('imports the sources where it says ringfence, and nothing else in their place', () => {
    const code = moduleOf(typescript(`import { createBroker } from 'ringfence'\nconst s: string = 'ringfence'\n`))
    expect(code).toContain('/src/index.ts"\n')
    expect(code).toContain(`const s: string = 'ringfence'`)
  })

  it('is refused when a "// =>" stands where nothing can be checked', () => {
    expect(() => moduleOf(typescript('let x\nif (x) { // => 1\n}\n'))).toThrow('Cannot check line 11')
  })

  it('is refused when it is not TypeScript', () => {
    expect(() => moduleOf(typescript('const = 1'))).toThrow('Cannot read the block at line 10')
  })
})

describe('a shell block', () => {
  let commands: ReturnType<typeof commandsOf>
  beforeAll(() => {
    commands = commandsOf(blockAt(2))
  })

  it('is read as commands with what they print and how they end', () => {
    expect(commands).toEqual([
      { text: 'npm ci && npm start', line: 21, exitCode: 0 },
      { text: 'npm run -s ringfence -- run FILE', line: 22, exitCode: 0 },
      { text: 'npm run nothing-of-the-kind', line: 23, exitCode: 0 },
      { text: 'echo 6 | cat', line: 24, exitCode: 0, output: '6' },
      { text: `sh -c 'exit 4'`, line: 25, exitCode: 4 },
    ])
  })

  it('joins lines that go on', () => {
    const [command] = commandsOf({ language: 'sh', text: 'echo \\\n  a\n', line: 1 })
    expect(command?.text).toBe('echo    a')
  })

  it('names the scripts it asks npm for', () => {
    expect(commands.map(({ text }) => npmScriptsOf(text))).toEqual([
      ['start'],
      ['ringfence'],
      ['nothing-of-the-kind'],
      [],
      [],
    ])
  })

  it('runs its commands, in which ringfence is the CLI from source', async () => {
    const results = await Promise.all(commands.slice(3).map(runCommand))
    expect(results).toMatchObject([
      { exitCode: 0, stdout: '6\n' },
      { exitCode: 4, stdout: '' },
    ])
    const cli = await runCommand({ text: 'type ringfence', line: 1, exitCode: 0 })
    expect(cli.stdout).toContain('ringfence is a shell function')
  })
})

describe('what a README expects', () => {
  it.each([
    ['{ a: 1 }', '{ a: 1 }', true],
    ['{ a: 1 }', '{ a: … }', true],
    ['{ a: 1 }', '{ a: 2 }', false],
    ['{ a: 1 }', 'a: 1', false],
    ['a.b', 'a?b', false],
  ])('%s is %s: %s', (text, expected, result) => {
    expect(matches(text, expected)).toBe(result)
  })
})
