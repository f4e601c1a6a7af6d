import { describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import { createBroker } from '../../src/index.ts'
import { jsonOf, open, request, textOf } from './scene.ts'

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

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

it.each([
  [
    'default { fetch }',
    'export default { fetch: async (request) => new Response(await request.text()) }',
    { status: 200, text: '{not' },
  ],
  [
    'a Lambda handler',
    'export const handler = ({ body }) => ({ statusCode: 200, body })',
    { status: 200, text: '{not' },
  ],
  [
    'a plain function',
    'export default () => "never called"',
    { status: 400, text: expect.stringContaining('The body is no JSON') },
  ],
])('a body that only says that it is JSON is for %s to judge', async (_, source, expected) => {
  await using host = await open()
  await host.deploy({ name: 'f', source })
  const headers = [['content-type', 'application/json']] as const
  expect(textOf(await host.request('f', request({ method: 'POST', headers, body: bytes('{not') })))).toEqual(expected)
})

it('data that JSON cannot say reaches a plain function as it is', async () => {
  await using host = await open()
  await host.deploy({ name: 'f', source: 'export default (n) => typeof n' })
  expect(jsonOf(await host.invoke('f', 7n))).toBe('bigint')
})

it('data reaches a handler of the web as a request with JSON in it', async () => {
  await using host = await open()
  const source = 'export default { fetch: async (request) => Response.json([request.method, await request.json()]) }'
  await host.deploy({ name: 'f', source })
  expect(jsonOf(await host.invoke('f', { a: 1 }))).toMatchObject({ statusCode: 200, body: '["POST",{"a":1}]' })
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
    // A machine that is busy takes longer over memory than untrusted code is given CPU time.
    const roomy = { trust: 'trusted', tier: 'isolate', limits: { memoryBytes: 32 * 2 ** 20 } } as const
    await host.deploy({ name: 'f', source, ...(status === 'memory' ? roomy : { limits }) })
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

it.each(['per-request', 'per-instance'] as const)(
  'a host that is closed ends calls that are %s, and not a broker that it was given',
  async (mode) => {
    await using broker = await createBroker()
    const host = await open({ broker, calls: { calls: 1 } })
    await host.deploy({
      name: 'f',
      source: 'export default () => new Promise(() => {})',
      instances: { mode },
      trust: 'trusted',
    })
    const running = [host.invoke('f'), host.invoke('f')]
    await expect.poll(() => broker.stats().running).toBe(1)
    await host[Symbol.asyncDispose]()
    for (const one of running) expect(await one).toMatchObject({ status: 'killed' })
    expect((await broker.run('6 * 7', { trust: 'trusted' })).outcome).toEqual({ kind: 'returned', value: 42 })
  },
)

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
