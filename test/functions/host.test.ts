import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFunctionHost, type FunctionHostOptions } from '../../src/function-host.ts'
import type { HttpRequest } from '../../src/functions/events.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import type { Invocation } from '../../src/functions/words.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-functions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const request = (given: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: 'http://localhost/',
  headers: [],
  body: new Uint8Array(),
  ...given,
})
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const open = (options: FunctionHostOptions = {}): Promise<FunctionHost> => createFunctionHost(options)

const jsonOf = ({ answer }: Invocation): unknown =>
  answer?.kind === 'json' && answer.text !== undefined ? JSON.parse(answer.text) : answer
const textOf = ({ answer }: Invocation): unknown =>
  answer?.kind === 'http' ? { status: answer.status, text: new TextDecoder().decode(answer.body) } : answer

const WHOAMI = `export default (input) => ({ got: input })`
const LAMBDA = `export const handler = async (event, context) => ({
  statusCode: 201, headers: { 'X-Path': event.rawPath }, cookies: ['a=1', 'b=2'],
  body: JSON.stringify([context.functionName, context.getRemainingTimeInMillis() > 0, event.queryStringParameters ?? null]),
})`
const WEB = `export default { async fetch(request, env, ctx) {
  ctx.waitUntil(Promise.resolve().then(() => console.log('later')))
  const { pathname } = new URL(request.url)
  return new Response(request.method + ' ' + pathname + ' ' + env.GREETING + ' ' + await request.text(), {
    status: 202, headers: { 'x-kind': 'web', connection: 'close' } })
} }`

describe.each(['vm', 'isolate', 'worker', 'process'] as const)('in the tier %s', (tier) => {
  const trust = tier === 'vm' || tier === 'worker' ? 'limited' : 'untrusted'
  it('a plain function, a Lambda handler and a web handler answer data and requests', async () => {
    await using host = await open()
    const more = { trust, tier } as const
    expect(await host.deploy({ name: 'plain', source: WHOAMI, ...more })).toMatchObject({
      version: 1,
      handler: 'plain',
    })
    expect(await host.deploy({ name: 'lambda', source: LAMBDA, ...more })).toMatchObject({ handler: 'lambda' })
    const environment = { GREETING: 'hi' }
    expect(await host.deploy({ name: 'web', source: WEB, environment, ...more })).toMatchObject({ handler: 'fetch' })

    expect(jsonOf(await host.invoke('plain', { a: 1 }))).toEqual({ got: { a: 1 } })
    expect(textOf(await host.request('plain', request({ url: 'http://localhost/?a=1' })))).toEqual({
      status: 200,
      text: '{"got":{"a":"1"}}',
    })
    const answered = await host.request('lambda', request({ url: 'http://localhost/p/q?a=1&a=2' }))
    expect(textOf(answered)).toEqual({ status: 201, text: '["lambda",true,{"a":"1,2"}]' })
    expect(answered.answer).toMatchObject({
      headers: [
        ['x-path', '/p/q'],
        ['content-type', 'application/json'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    })
    const web = await host.request('web', request({ method: 'POST', url: 'http://localhost/x', body: bytes('body') }))
    expect(textOf(web)).toEqual({ status: 202, text: 'POST /x hi body' })
    expect(web.answer).toMatchObject({ headers: expect.arrayContaining([['x-kind', 'web']]) })
    expect(JSON.stringify(web.answer)).not.toContain('connection')
    expect(web.execution).toMatchObject({ tier })
    expect(web.execution?.logs.map(({ text }) => text)).toEqual(['later'])
  })
})

describe('a handler', () => {
  it.each([
    [
      'a callback',
      `export const handler = (event, context, callback) => { setTimeout(() => callback(null, event.a), 1) }`,
      1,
    ],
    ['a name', `export const api = { users: { list: async (event) => event.a + 1 } }`, 2, 'api.users.list'],
    ['process.env', `const { A } = process.env\nexport default () => A`, 'of the environment'],
    ['nothing', `export default () => {}`, { kind: 'json' }],
  ])('is found by %s', async (_, source, expected, handler?: string) => {
    await using host = await open()
    const named = handler === undefined ? {} : { handler }
    await host.deploy({ name: 'f', source, environment: { A: 'of the environment' }, ...named })
    expect(jsonOf(await host.invoke('f', { a: 1 }))).toEqual(expected)
  })

  it.each([
    [`export default (`, 'SyntaxError'],
    [`export const nothing = 1`, 'Runtime.HandlerNotFound'],
    [`throw new RangeError('while loading')`, 'RangeError: while loading\n'],
    [`for (;;);`, 'The limit "wallMs"'],
    [`import fs from 'node:fs'; export default () => fs`, 'Cannot import "node:fs"'],
  ])('that cannot be had is refused when it is deployed, and the one before goes on: %s', async (source, message) => {
    await using host = await open()
    await host.deploy({ name: 'f', source: 'export default () => 1' })
    const limits = { wallMs: 300 }
    await expect(host.deploy({ name: 'f', source, limits })).rejects.toMatchObject({
      code: 'RF_BAD_DEPLOYMENT',
      message: expect.stringContaining(message),
    })
    expect(jsonOf(await host.invoke('f'))).toBe(1)
    expect(await host.versions('f')).toHaveLength(1)
  })
})

describe('an invocation ends as', () => {
  it.each([
    ['user_error', `export default () => { throw new TypeError('mine') }`, 'TypeError: mine'],
    ['timeout_wall', `export default () => new Promise(() => {})`, 'The limit "wallMs" of 300 was reached'],
    ['timeout_wall', `export default () => { for (;;); }`, 'The limit "wallMs" of 300 was reached'],
    [
      'memory',
      `export default () => { const all = []; for (;;) all.push(new Array(100_000).fill({})) }`,
      'The limit "memoryBytes"',
    ],
    ['output_limit', `export default () => 'x'.repeat(3_000_000)`, 'The limit "outputBytes"'],
  ])('%s: %s', async (status, source, detail) => {
    await using host = await open()
    const limits = status === 'timeout_wall' ? { wallMs: 300 } : {}
    await host.deploy({ name: 'f', source, limits })
    const invocation = await host.invoke('f')
    expect(invocation).toMatchObject({ status, function: 'f', version: 1, tenant: 'default' })
    expect(invocation.detail).toContain(detail)
    expect(invocation.answer).toBeUndefined()
  })

  it.each([
    `globalThis.Response = class { constructor() { return { status: 1, headers: new Headers(), arrayBuffer: () => 1 } } }
     export default { fetch: () => new Response('') }`,
    `export const handler = () => ({ statusCode: 99 })`,
    `export const handler = () => ({ statusCode: 200, headers: { 'a\\r\\nset-cookie': 'x' } })`,
    `export const handler = () => ({ statusCode: 200, headers: { a: 'b\\r\\nset-cookie: x' } })`,
  ])('user_error when its answer is no answer over HTTP: %s', async (source) => {
    await using host = await open()
    await host.deploy({ name: 'f', source })
    const invocation = await host.request('f', request())
    expect(invocation).toMatchObject({ status: 'user_error' })
    expect(invocation.answer).toBeUndefined()
  })

  it('throttled, blocked or cancelled without being run', async () => {
    await using host = await open()
    await host.deploy({ name: 'f', source: 'export default () => 1', concurrency: 0 })
    expect(await host.invoke('f')).toMatchObject({ status: 'throttled' })
    await host.deploy({ name: 'f', source: 'export default () => 1', concurrency: 5 })
    expect(await host.invoke('f', 1, { signal: AbortSignal.abort() })).toMatchObject({ status: 'cancelled' })
    expect(await host.block('f', 'incident 7')).toBe(0)
    expect(await host.invoke('f')).toMatchObject({ status: 'blocked', detail: expect.stringContaining('incident 7') })
    expect(await host.unblock('f')).toBe(true)
    expect(await host.unblock('f')).toBe(false)
    expect(await host.invoke('f')).toMatchObject({ status: 'ok' })
  })

  it.each(['per-request', 'per-instance'] as const)(
    'killed when it is %s, and the next one is served',
    async (mode) => {
      await using host = await open()
      await host.deploy({ name: 'f', source: 'export default (n) => n ?? new Promise(() => {})', instances: { mode } })
      const running = [host.invoke('f'), host.invoke('f')]
      await expect.poll(() => host.stats().inside).toBe(2)
      let ended = 0
      await expect.poll(async () => (ended += await host.kill('f', 'incident 7'))).toBe(2)
      for (const one of running) expect(await one).toMatchObject({ status: 'killed', detail: 'incident 7' })
      expect(jsonOf(await host.invoke('f', 3))).toBe(3)
    },
  )
})

describe('instances', () => {
  const COUNTS = 'let n = 0; export default () => ++n'
  it('are fresh for each call, or serve one call after the other', async () => {
    await using host = await open()
    await host.deploy({ name: 'fresh', source: COUNTS })
    await host.deploy({ name: 'warm', source: COUNTS, instances: { mode: 'per-instance', max: 1, calls: 2 } })
    const call = async (name: string): Promise<unknown> => jsonOf(await host.invoke(name))
    expect([await call('fresh'), await call('fresh')]).toEqual([1, 1])
    expect([await call('warm'), await call('warm'), await call('warm')]).toEqual([1, 2, 1])
  })

  it('are never used again after a limit was reached in them', async () => {
    await using host = await open()
    const source = 'let n = 0; export default (input) => { n += 1; if (input === 1) for (;;); return n }'
    await host.deploy({ name: 'f', source, instances: { mode: 'per-instance', max: 1 }, limits: { wallMs: 200 } })
    expect(jsonOf(await host.invoke('f'))).toBe(1)
    expect(await host.invoke('f', 1)).toMatchObject({ status: 'timeout_wall' })
    expect(jsonOf(await host.invoke('f'))).toBe(1)
  })

  it('of the version before finish their calls when another is deployed', async () => {
    await using host = await open()
    const wait = (n: number): string =>
      `export default async (ms) => { await new Promise((resolve) => setTimeout(resolve, ms)); return ${n} }`
    const instances = { mode: 'per-instance', max: 2 } as const
    await host.deploy({ name: 'f', source: wait(1), instances })
    const slow = host.invoke('f', 500)
    await expect.poll(() => host.stats().inside).toBe(1)
    await host.deploy({ name: 'f', source: wait(2), instances })
    expect(jsonOf(await host.invoke('f', 0))).toBe(2)
    expect(jsonOf(await slow)).toBe(1)
  })
})

describe('versions and aliases', () => {
  const source = (n: number): string => `export default () => ${n}`
  it('are numbered, found again by their content, pointed to and rolled back', async () => {
    await using host = await open()
    const call = async (qualifier?: string): Promise<unknown> =>
      jsonOf(await host.invoke('f', undefined, qualifier === undefined ? {} : { qualifier }))
    for (const n of [1, 2, 3]) await host.deploy({ name: 'f', source: source(n) })
    expect([await call(), await call('1'), await call('3')]).toEqual([3, 1, 3])
    expect(await host.deploy({ name: 'f', source: source(1) })).toMatchObject({ version: 1, unchanged: true })
    expect(await call()).toBe(1)
    await host.rollBack('f')
    expect(await call()).toBe(3)
    await host.rollBack('f', 2)
    expect(await call()).toBe(2)
    await host.pointAlias('f', 'canary', 3)
    expect(await call('canary')).toBe(3)
    await host.removeAlias('f', 'canary')
    await expect(call('canary')).rejects.toMatchObject({ code: 'RF_NO_FUNCTION' })
    expect((await host.versions('f')).map(({ number }) => number)).toEqual([3, 2, 1])
  })

  it('share calls by weight', async () => {
    await using host = await open()
    for (const n of [1, 2]) await host.deploy({ name: 'f', source: source(n), instances: { mode: 'per-instance' } })
    await host.pointAlias('f', 'live', 1, { 2: 0.5 })
    const seen = new Set<unknown>()
    for (let n = 0; n < 60; n += 1) seen.add(jsonOf(await host.invoke('f')))
    expect([...seen].toSorted()).toEqual([1, 2])
  })

  it.each([
    [{ 2: 1 }, 'a weight is above 0 and below 1'],
    [{ 2: 0.6, 3: 0.6 }, 'not be more than 1 together'],
    [{ 1: 0.5 }, 'has the rest'],
    [{ 9: 0.5 }, 'has no version 9'],
  ])('refuse weights %j', async (weights, message) => {
    await using host = await open()
    for (const n of [1, 2, 3]) await host.deploy({ name: 'f', source: source(n) })
    await expect(host.pointAlias('f', 'live', 1, weights)).rejects.toThrow(message)
  })

  it.each([
    [{ name: '../f' }, '"name"'],
    [{ source: '' }, '"source"'],
    [{ filename: 'a/b.ts' }, '"filename"'],
    [{ trust: 'much' }, '"trust"'],
    [{ limits: { wallMs: -1 } }, '"limits.wallMs"'],
    [{ limits: { wall: 1 } }, '"limits"'],
    [{ environment: { 'a b': '1' } }, '"environment'],
    [{ instances: { min: 5, max: 2 } }, '"instances.min"'],
    [{ instances: 3 }, '"instances"'],
    [{ what: 3 }, 'what'],
    [{ secrets: { A: 'x' } }, 'secret "A"'],
  ])('refuse a deployment with %j', async (wrong, message) => {
    await using host = await open()
    const given = { name: 'f', source: source(1), ...wrong }
    await expect(host.deploy(given as never)).rejects.toMatchObject({
      code: 'RF_BAD_DEPLOYMENT',
      message: expect.stringContaining(message),
    })
  })

  it('keep deployments made at once', async () => {
    await using host = await open()
    const made = await Promise.all([1, 2, 3, 4, 5].map((n) => host.deploy({ name: 'f', source: source(n) })))
    expect(new Set(made.map(({ version }) => version)).size).toBe(5)
    expect((await host.show('f')).latest).toBe(5)
  })

  it('stay with the tenant they began with', async () => {
    await using host = await open()
    await host.deploy({ name: 'f', source: source(1), tenant: 'one' })
    await expect(host.deploy({ name: 'f', source: source(2), tenant: 'two' })).rejects.toThrow(
      'belongs to another tenant',
    )
    expect(await host.invoke('f')).toMatchObject({ tenant: 'one' })
  })
})

describe('what a folder keeps', () => {
  const SECRET = 'canary-of-the-secret-6193'
  it('is there after a restart: functions, secrets, blocks', async () => {
    const options = { data: folder, secretKey: 'the key of the operator' }
    {
      await using host = await open(options)
      const source = 'export default () => process.env.TOKEN.length'
      await host.deploy({ name: 'f', source, secrets: { TOKEN: SECRET } })
      await host.block('f', 'incident 7')
    }
    {
      await using host = await open(options)
      expect(await host.invoke('f')).toMatchObject({ status: 'blocked' })
      await host.unblock('f')
    }
    await using host = await open(options)
    expect(jsonOf(await host.invoke('f'))).toBe(SECRET.length)
    await host.deploy({ name: 'f', source: 'export default () => process.env.TOKEN ?? null', secrets: { TOKEN: '' } })
    expect(jsonOf(await host.invoke('f'))).toBe(null)
  })

  it('never has a secret in the open, and neither have errors, logs and receipts', async () => {
    const options = { data: folder, secretKey: 'the key of the operator' }
    await using host = await open(options)
    const source = 'export default () => { throw new Error(process.env.TOKEN.length) }'
    await host.deploy({ name: 'f', source, secrets: { TOKEN: SECRET } })
    const told = [await host.invoke('f'), await host.show('f'), await host.versions('f'), host.logs('f')]
    expect(JSON.stringify(told)).not.toContain(SECRET)
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'latin1')).not.toContain(SECRET)
  })

  it('opens no secret with another key', async () => {
    {
      await using host = await open({ data: folder, secretKey: 'one' })
      await host.deploy({ name: 'f', source: 'export default () => 1', secrets: { A: 'x' } })
    }
    await using host = await open({ data: folder, secretKey: 'two' })
    const invocation = await host.invoke('f')
    expect(invocation).toMatchObject({ status: 'rejected', detail: expect.stringContaining('the key is another one') })
  })
})

it('a log is kept and can be followed', async () => {
  await using host = await open()
  await host.deploy({ name: 'f', source: 'export default (n) => { console.log("line", n) }' })
  const left = new AbortController()
  const followed: string[] = []
  const following = (async () => {
    for await (const { text, level } of host.followLogs('f', left.signal)) {
      followed.push(`${level} ${text}`)
      if (followed.length === 2) left.abort()
    }
  })()
  await host.invoke('f', 1)
  await host.invoke('f', 2)
  await following
  expect(followed).toEqual(['log line 1', 'log line 2'])
  expect(host.logs('f').map(({ text, version }) => `${version} ${text}`)).toEqual(['1 line 1', '1 line 2'])
})

it.each([
  [{ secretKey: '' }, '"secretKey" must not be empty'],
  [{ broker: {} as never, brokerOptions: {} }, 'exclude each other'],
])('createFunctionHost refuses %j', async (options, message) => {
  await expect(createFunctionHost(options)).rejects.toThrow(message)
})
