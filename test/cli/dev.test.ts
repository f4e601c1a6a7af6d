import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '../functions/ask.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

let folder: string
let child: ChildProcess
let said = ''

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
const begin = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, 'dev', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
const saying = async (text: string | RegExp): Promise<void> => {
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(text)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-dev-'))
  mkdirSync(join(folder, 'lib'))
  write('package.json', '{}')
  write(
    'hello.ts',
    'export default ({ name }: { name: string }) => { console.log("greets", name); return `Hello, ${name}` }',
  )
  write('sum.ts', `import { add } from './lib/add.ts'\nexport default ({ a, b }) => add(Number(a), Number(b))`)
  write('lib/add.ts', 'export const add = (a: number, b: number): number => a + b')
  write('hello.test.ts', 'throw new Error("a test is no function")')
  child = begin(folder, '--port', '0', '--env', 'WHO=you')
  child.stderr?.on('data', (chunk) => (said += String(chunk)))
})
afterAll(async () => {
  if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

it('serves a folder, replaces what changes, shows errors and logs, and ends when told', async () => {
  await saying(/hello: version 1 \(handler: plain\) at /)
  await saying(/sum: version 1/)
  const [, url = ''] = /serving (\S+),/.exec(said) ?? []
  expect((await ask(`${url}/fn/hello?name=Ada`)).body).toBe('Hello, Ada')
  await saying('hello | greets Ada\n')
  await saying(/hello: ok in /)
  expect((await ask(`${url}/fn/sum?a=1&b=2`)).body).toBe('3')

  write('lib/add.ts', 'export const add = (a: number, b: number): number => a * b')
  await saying('sum: version 2')
  expect((await ask(`${url}/fn/sum?a=3&b=4`)).body).toBe('12')

  write('hello.ts', 'export default () => {\n  const a = ;\n}')
  await saying(/hello: Cannot deploy function: SyntaxError[\s\S]*> 2 \|/)
  expect((await ask(`${url}/fn/hello?name=Bob`)).body).toBe('Hello, Bob')

  write('hello.ts', 'export default () => {\n  throw new TypeError(process.env.WHO)\n}')
  await saying('hello: version 2')
  expect((await ask(`${url}/fn/hello`)).status).toBe(500)
  await saying(/hello: user_error in [^\n]*\nTypeError: you\n[\s\S]*> 2 \|/)

  write('new.js', 'export default () => 1')
  await saying('new: version 1')
  rmSync(join(folder, 'new.js'))
  await saying('new: its file is gone')
  expect((await ask(`${url}/fn/new`)).status).toBe(404)
  expect(said).not.toContain('a test is no function')

  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await gone).toEqual([0, null])
})

it('says that a folder is none', async () => {
  const other = begin(join(folder, 'nowhere'), '--port', '0')
  let words = ''
  other.stderr?.on('data', (chunk) => (words += String(chunk)))
  expect(await once(other, 'close')).toEqual([2, null])
  expect(words).toContain('Cannot serve folder')
})
