import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

interface Told {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function open(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['src/cli/main.ts', ...args])
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Told> {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** Runs the command line from source, with `source` as the standard input. */
function ringfence(source: string, ...args: string[]): Promise<Told> {
  const child = open(args)
  child.stdin.end(source)
  return ended(child)
}

describe('ringfence run', { timeout: 20_000 }, () => {
  it('prints the result on stdout and the console on stderr', async () => {
    const source = 'export default ({ x }: { x: number }) => { console.warn("x is %d", x); return { x: x * 2 } }'
    const told = await ringfence(source, 'run', '-', '--input', '{"x":21}')
    expect(told).toEqual({ code: 0, stdout: '{"x":42}\n', stderr: '[warn] x is 21\n' })
  })

  it('runs a file with its modules, and prints a string raw', async () => {
    const slug =
      '--module ./slug.ts=examples/programs/slug.ts --input @examples/data/article.json --json --trust limited'
    const { code, stdout } = await ringfence('', 'run', 'examples/programs/text-transform.ts', ...slug.split(' '))
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ tier: 'vm', outcome: { value: { words: 86 } } })
  })

  it.each([
    ['throw new TypeError("no")', [], 1, /TypeError: no/],
    ['export default 1 +', [], 1, /SyntaxError/],
    ['1', ['--tier', 'vm'], 3, /refused: .*"vm".*weaker/],
    ['1', ['--limit', 'wallMs=5s'], 3, /refused: .*at most 1000/],
    ['for (;;) {}', ['--limit', 'wallMs=100ms'], 4, /exceeded its limit "wallMs" of 100/],
  ])('of %j with %j ends with its exit code and a reason', async (source, args, code, reason) => {
    const told = await ringfence(source, 'run', '-', ...args)
    expect(told.stderr).toMatch(reason)
    expect(told).toMatchObject({ code, stdout: '' })
  })

  it('grants fetches from the hosts that are named, and from no others', async () => {
    const server = createServer((_, response) => response.end('hello'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const source = `export default async () => (await fetch('http://127.0.0.1:${port}/').catch((error) => new Response(error.message))).text()`
    const grants = ['--fetch', 'example.com', '--fetch', `127.0.0.1:${port}`, '--fetch-private', '127.0.0.1/32']
    try {
      expect(await ringfence(source, 'run', '-', ...grants)).toEqual({ code: 0, stdout: 'hello\n', stderr: '' })
      const other = await ringfence(source, 'run', '-', ...grants.slice(0, 2))
      expect(other.stdout).toContain('not among those that were granted')
    } finally {
      server.close()
    }
    const without = await ringfence(source, 'run', '-', ...grants.slice(4))
    expect(without).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('without --fetch') })
    const wrong = await ringfence(source, 'run', '-', '--fetch', 'http://example.com/')
    expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('fetch.hosts') })
  })

  it('prints one line with --json, also when it fails', async () => {
    const { code, stdout, stderr } = await ringfence('console.log("hi"); throw 1', 'run', '-', '--json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const receipt: unknown = JSON.parse(stdout)
    expect(Object.keys(receipt as object)).toEqual([
      'id',
      'tier',
      'trust',
      'isolation',
      'outcome',
      'usage',
      'logs',
      'decision',
    ])
    expect(receipt).toMatchObject({ trust: 'untrusted', outcome: { kind: 'threw' }, logs: [{ text: 'hi' }] })
  })

  it('writes its own log to stderr when asked', async () => {
    const { code, stdout, stderr } = await ringfence('1 + 1', 'run', '-', '--log-level', 'debug')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '2\n' })
    expect(stderr).toMatch(/^\{"level":\d+,.*"name":"ringfence"/)
  })

  it('kills the guest on Ctrl-C and says so', async () => {
    const child = open([
      'run',
      '-',
      '--trust',
      'trusted',
      '--tier',
      'isolate',
      '--limit',
      'wallMs=20s',
      '--log-level',
      'info',
    ])
    child.stdin.end('for (;;) {}')
    child.stderr.once('data', () => child.kill('SIGINT'))
    const told = await ended(child)
    expect(told).toMatchObject({ code: 5, stdout: '' })
    expect(told.stderr).toMatch(/A program was started[^]*was killed: Interrupted by SIGINT/)
  })

  it('keeps its exit code when its reader goes away', async () => {
    const child = open(['run', '-'])
    child.stdout.destroy()
    child.stdin.end('"x".repeat(500_000)')
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
  })
})

describe('ringfence explain', { timeout: 20_000 }, () => {
  it('says where a program would run and why, without running it', async () => {
    const { code, stdout, stderr } = await ringfence('throw 1', 'explain', '-', '--workload', 'cpu')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('untrusted cpu code runs in tier "isolate"')
  })

  it('ends with exit code 3 when policy refuses', async () => {
    const { code, stdout } = await ringfence('1', 'explain', '-', '--trust', 'hostile', '--tier', 'vm', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ trust: 'hostile', verdict: 'refuse' })
  })
})

describe('ringfence doctor', { timeout: 20_000 }, () => {
  it('shows every tier and what runs here', async () => {
    const { code, stdout } = await ringfence('', 'doctor')
    expect(code).toBe(stdout.includes('refused') ? 3 : 0)
    expect(stdout).toMatch(/^Node \d+/)
    for (const tier of ['vm', 'isolate', 'worker', 'process']) expect(stdout).toMatch(new RegExp(`^${tier} `, 'm'))
  })

  it('says with --json what policy demands, and refuses when a level cannot run', async () => {
    const { code, stdout } = await ringfence(
      '{"levels":{"trusted":{"isolation":"strong"}}}',
      'doctor',
      '--json',
      '--policy',
      '-',
    )
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      runtime: { node: process.versions.node },
      trust: expect.arrayContaining([{ trust: 'trusted', tier: 'vm', demanded: 'strong', runs: false }]),
    })
  })
})
