import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { isComplete } from '../../src/cli/is-complete.ts'
import { Prompt } from '../../src/cli/prompt.ts'
import { createBroker } from '../../src/index.ts'

/** Types lines at a prompt whose input is a pipe. */
async function type(lines: readonly string[], ...args: string[]): Promise<object> {
  const child = spawn(process.execPath, ['src/cli/main.ts', 'repl', '--trust', 'trusted', ...args])
  child.stdin.on('error', () => {})
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

describe('ringfence repl', { timeout: 20_000 }, () => {
  it.each([['vm'], ['worker'], ['isolate'], ['process']])(
    'keeps what is declared, over several lines, in %s',
    async (tier) => {
      const told = await type(
        [
          'const a: number = 6',
          'function times(b: number) {',
          '  return a * b',
          '}',
          'console.log("hi")',
          'await times(7)',
        ],
        '--tier',
        tier,
      )
      expect(told).toEqual({ code: 0, stdout: '42\n', stderr: '[log] hi\n' })
    },
  )

  it('goes on after an error, and tells of it by its exit code', async () => {
    const told = await type(['let a = 1', 'throw new TypeError("no")', 'a = ;', 'a', '.exit', '99'])
    expect(told).toMatchObject({
      code: 1,
      stdout: '1\n',
      stderr: expect.stringMatching(/TypeError: no[^]*SyntaxError/),
    })
  })

  it('ends with the session, by a limit for one', async () => {
    const told = await type(['1', 'for (;;);', '2'], '--limit', 'wallMs=100ms')
    expect(told).toMatchObject({
      code: 4,
      stdout: '1\n',
      stderr: expect.stringContaining('exceeded its limit "wallMs"'),
    })
  })

  it('has commands, forgets what is broken off, and evaluates what the input ends in', async () => {
    const told = await type(['.help', '.nothing', 'f(', '.break', '40 +', '', '2', '{'])
    expect(told).toMatchObject({
      code: 1,
      stdout: '42\n',
      stderr: expect.stringMatching(/\.exit[^]*no command "\.nothing"[^]*SyntaxError/),
    })
  })

  it('shows tier, limits and usage, and nothing of them among the values', async () => {
    const told = await type(['.tier', '.limits', '1', '2', '.usage'], '--limit', 'wallMs=1234ms', '--tier', 'isolate')
    expect(told).toMatchObject({
      code: 0,
      stdout: '1\n2\n',
      stderr: expect.stringMatching(/^trusted light code in tier "isolate"\n[^]*wallMs +1\.23 s\n[^]*\ncalls 2 · CPU /),
    })
  })

  it('says why the session ended between two texts, though the input goes on', async () => {
    await using broker = await createBroker()
    await using session = await broker.open('export {}', { trust: 'trusted', session: { idleMs: 200 } })
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    stdin.write('6 * 7\n')
    await expect(new Prompt(session, { stdin, stdout, stderr }).run()).rejects.toMatchObject({
      code: 'RF_SESSION_ENDED',
      message: expect.stringContaining('nobody called it for as long as "session.idleMs" says'),
    })
    expect([String(stdout.read()), stdin.destroyed]).toEqual(['42\n', true])
  })

  it('begins with a program, whose exports are seen', async () => {
    const told = await type(['typeof Slugger'], 'examples/programs/slug.ts')
    expect(told).toMatchObject({ code: 0, stdout: 'function\n' })
  })

  it('refuses what policy refuses, and a program from where the texts come', async () => {
    expect(await type(['1'], '-')).toMatchObject({ code: 2, stdout: '' })
    expect(await type(['1'], '--trust', 'untrusted', '--tier', 'vm')).toMatchObject({ code: 3, stdout: '' })
  })
})

it.each([
  ['{', false],
  ['f(', false],
  ['`a', false],
  ['/* a', false],
  ['1 +\n', false],
  ['class A {\n  x', false],
  ['"a', true],
  ['let = ;', true],
  ['}', true],
  ['1', true],
])('knows whether %j is complete', (line, complete) => {
  expect(isComplete(line)).toBe(complete)
})
