import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { commandsOf, npmScriptsOf, parseBlocks, runCommand, runModule } from './readme-blocks.ts'
import { matches } from './readme-check.ts'
import { ROOT } from './source-tree.ts'

/** Languages of blocks that show what comes out, or what goes into a file; everything else is run. */
const SHOWN = ['', 'json', 'text']
/** Commands that need what a test run does not have, or would run this very test again. */
const NOT_RUN = /^(?:cd|docker|git|npm|npx) /

const blocks = parseBlocks(readFileSync(`${ROOT}/README.md`, 'utf8'))
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf)
const modules = blocks.filter(({ language }) => language === 'ts')

describe('README.md', () => {
  it('has code to run', () => {
    expect(modules.length).toBeGreaterThan(0)
    expect(commands.length).toBeGreaterThan(0)
  })

  it('has no block in a language that is neither run nor known to be output', () => {
    expect(blocks.filter(({ language }) => !['ts', 'sh', ...SHOWN].includes(language))).toEqual([])
  })

  it('asks npm only for scripts there are', () => {
    const known = new Set(Object.keys(packageJson.scripts))
    const asked = commands.flatMap(({ text }) => npmScriptsOf(text))
    expect(asked.filter((script) => !known.has(script))).toEqual([])
  })

  it.each(modules)('runs the TypeScript at line $line', { timeout: 70_000 }, async (block) => {
    const { exitCode, stderr } = await runModule(block)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  it.each(commands.filter(({ text }) => !NOT_RUN.test(text)))(
    'runs line $line: $text',
    { timeout: 70_000 },
    async (command) => {
      const { exitCode, stdout, stderr } = await runCommand(command)
      expect(exitCode, stderr).toBe(command.exitCode)
      expect(matches(stdout.trim(), command.output ?? '…'), stdout).toBe(true)
    },
  )
})
