import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const TOKEN = 'a-token-of-the-operator'

interface Told {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

let folder: string
let server: ChildProcess
let url: string

const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, RINGFENCE_TOKEN: TOKEN, RINGFENCE_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const allOf = (stream: ChildProcess['stdout']): Promise<string> =>
  stream === null ? Promise.resolve('') : text(stream)

/** Runs one command to its end. */
async function ringfence(...args: string[]): Promise<Told> {
  const child = start(args)
  const [stdout, stderr, [code]] = await Promise.all([allOf(child.stdout), allOf(child.stderr), once(child, 'exit')])
  return { code: typeof code === 'number' ? code : null, stdout, stderr }
}

/** Starts a server and answers with what it says of its address. */
async function serve(): Promise<[ChildProcess, string]> {
  const child = start(['serve', '--port', '0', '--data', 'data'], { RINGFENCE_SECRET_KEY: 'the key' })
  let said = ''
  for await (const chunk of child.stderr ?? []) {
    said += String(chunk)
    const [, address] = /serving (\S+),/.exec(said) ?? []
    if (address !== undefined) return [child, address]
  }
  throw new Error(`it did not serve: ${said}`)
}

async function end(child: ChildProcess): Promise<unknown> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  return (await gone)[0]
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-cli-functions-'))
  url = ''
  ;[server, url] = await serve()
})
afterAll(async () => {
  await end(server)
  rmSync(folder, { recursive: true })
})

const write = (name: string, source: string): void => writeFileSync(join(folder, name), source)

describe('the commands about functions', () => {
  it('deploy, call, look at, change, stop and delete one', async () => {
    write(
      'hello.ts',
      'export default (who: { name?: string }) => { console.log("called"); return `Hello, ${who?.name ?? process.env.WHO}` }',
    )
    const deployed = await ringfence(
      'deploy',
      'hello.ts',
      '--env',
      'WHO=world',
      '--secret',
      'KEY=sesame',
      '--access',
      'public',
      '--rate',
      '1000/10m',
    )
    expect(deployed).toEqual({
      code: 0,
      stdout: `hello: version 1 is new (handler: plain)\n${url}/fn/hello\n`,
      stderr: '',
    })
    expect(await (await fetch(`${url}/fn/hello`)).text()).toBe('Hello, world')
    expect(await ringfence('invoke', 'hello', '--input', '{"name":"Ada"}')).toMatchObject({
      code: 0,
      stdout: '"Hello, Ada"\n',
      stderr: expect.stringMatching(/ log called\n$/),
    })
    write('hello.ts', 'export default () => 2')
    expect((await ringfence('deploy', 'hello.ts')).stdout).toContain('version 2 is new')
    expect((await ringfence('deploy', 'hello.ts', '--json')).stdout).toContain('"unchanged":true')
    expect((await ringfence('invoke', 'hello', '--qualifier', '1', '--json')).stdout).toContain('"version":1')
    expect((await ringfence('functions', 'rollback', 'hello')).code).toBe(0)
    expect(await (await fetch(`${url}/fn/hello`)).text()).toBe('Hello, world')
    expect((await ringfence('functions', 'alias', 'hello', 'next', '2', '--weight', '1=0.1')).stdout).toContain(
      '"next"',
    )
    expect((await ringfence('functions', 'list')).stdout).toMatch(
      /^name +tenant +access +latest +changedAt\n.*\nhello +default +public +2 /,
    )
    expect((await ringfence('functions', 'versions', 'hello')).stdout).toMatch(/\n2 .*\n1 /)
    const shown = (await ringfence('functions', 'show', 'hello', '--json')).stdout
    expect(JSON.parse(shown)).toMatchObject({ rate: { calls: 1000, seconds: 600 } })
    expect(shown).not.toContain('sesame')
    expect((await ringfence('functions', 'logs', 'hello')).stdout).toMatch(/ log called\n/)
    expect((await ringfence('block', 'hello', '--reason', 'incident 7')).stdout).toBe('0 ended\n')
    expect((await ringfence('invoke', 'hello')).stderr).toContain('blocked: Function "hello" is blocked: incident 7')
    expect((await ringfence('unblock', 'hello')).stdout).toBe('hello is called again\n')
    expect((await ringfence('kill', 'hello')).stdout).toBe('0 ended\n')
    expect((await ringfence('functions', 'delete', 'hello')).stdout).toBe('hello is gone\n')
  }, 120_000)

  it.each([
    [['deploy', 'gone.ts'], 2, 'Cannot read program'],
    [['deploy', '-'], 2, 'give it a name with --name'],
    [['deploy', 'broken.ts'], 2, 'Expected `)` but found `EOF`\n> 1 | export default ('],
    [['invoke', 'none'], 2, 'Function "none" does not exist'],
    [['invoke', 'none', '--input', '{'], 2, 'Cannot read the input'],
    [['functions', 'show', 'none', '--token', 'wrong'], 2, 'The token is missing, or is another one'],
    [['functions', 'list', '--url', 'nowhere'], 2, '"nowhere" is no URL'],
    [['functions', 'list', '--url', 'http://127.0.0.1:1'], 2, 'Cannot reach the server'],
    [['serve', '--address', '0.0.0.0', '--token', ''], 2, 'the token must not be empty'],
    [['serve', '--http-limit', 'bodyBytes=0MiB'], 2, '"bodyBytes" must be a whole number above 0'],
    [['serve', '--http-limit', 'speed=1'], 2, 'There is no limit "speed"'],
    [['serve', '--aws-key', 'nothing'], 2, 'It must be ID=SECRET'],
    [['serve', '--tenant-rate', '0/s'], 2, 'Write it as calls/time'],
    [['deploy', 'hello.ts', '--rate', '5/week'], 2, 'Write it as calls/time'],
    [['serve', '--port', 'x'], 2, 'It must be a whole number'],
  ])('say what is wrong with %j', async (args, code, message) => {
    write('broken.ts', 'export default (')
    const told = await ringfence(...args)
    expect(told.stderr).toContain(message)
    expect(told).toMatchObject({ code, stdout: '' })
  })

  it('give tokens away and take them back', async () => {
    const made = await ringfence('tokens', 'create', '--role', 'invoker', '--tenant', 'acme', '--note', 'for CI')
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^rf_\S+\n$/)])
    const [, id = ''] = /^rf_([0-9a-f]+)_/.exec(made.stdout) ?? []
    expect((await ringfence('tokens', 'list')).stdout).toMatch(new RegExp(`${id} +invoker +acme +for CI`))
    const denied = await ringfence('functions', 'list', '--token', made.stdout.trim())
    expect([denied.code, denied.stderr]).toEqual([2, expect.stringContaining('who may not see')])
    expect((await ringfence('tokens', 'delete', id)).stdout).toBe(`token ${id} is gone\n`)
    expect((await ringfence('tokens', 'list')).stdout).not.toContain(id)
  })

  it('tell a failed call by the exit code', async () => {
    write('throws.js', 'export default () => { throw new Error("mine") }')
    await ringfence('deploy', 'throws.js')
    expect(await ringfence('invoke', 'throws')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('user_error: Error: mine'),
    })
  })
})

it('a server that is told to end does, and what was deployed is there when it is killed', async () => {
  write('kept.js', 'export default () => "kept"')
  await ringfence('deploy', 'kept.js', '--access', 'public')
  const gone = once(server, 'exit')
  server.kill('SIGKILL')
  await gone
  ;[server, url] = await serve()
  expect(await (await fetch(`${url}/fn/kept`)).text()).toBe('kept')
  expect(await end(server)).toBe(0)
  ;[server, url] = await serve()
})

it('writes a line for each invocation, without a word of what went in or out, and serves on when nobody reads', async () => {
  const child = start(['serve', '--port', '0', '--data', 'logged', '--log'], { RINGFENCE_SECRET_KEY: 'the key' })
  const headers = { authorization: `Bearer ${TOKEN}` }
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  const address = await expect
    .poll(() => /serving (\S+),/.exec(said)?.[1], { timeout: 20_000 })
    .toBeDefined()
    .then(() => /serving (\S+),/.exec(said)?.[1] ?? '')
  try {
    const source = 'export default ({ name }) => { throw new Error(`${process.env.KEY}${name}`) }'
    const body = JSON.stringify({ source, secrets: { KEY: 'sesame' }, access: 'public' })
    expect((await fetch(`${address}/api/functions/teller`, { method: 'PUT', body, headers })).status).toBe(201)
    expect((await fetch(`${address}/fn/teller?name=Ada`, { headers })).status).toBe(500)
    await expect.poll(() => said.includes('"msg":"invocation"')).toBe(true)
    const line: unknown = JSON.parse(said.split('\n').find((one) => one.includes('"msg":"invocation"')) ?? '')
    expect(line).toMatchObject({
      function: 'teller',
      version: 1,
      tenant: 'default',
      status: 'user_error',
      tier: 'isolate',
    })
    expect(line).toMatchObject({ queueMs: expect.any(Number), runMs: expect.any(Number), usage: { outputBytes: 0 } })
    expect(said).not.toMatch(/sesame|Ada/)
    child.stderr?.destroy()
    for (let call = 0; call < 3; call += 1) {
      const answer = await fetch(`${address}/fn/teller?name=Ada`, { headers })
      expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('sesameAda')])
    }
  } finally {
    await end(child)
  }
}, 120_000)
