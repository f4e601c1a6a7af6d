import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import { type Serving, serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE, ask, deploy, raw } from './ask.ts'

describe('a server that asks nobody for a token', () => {
  let host: FunctionHost
  let serving: Serving
  beforeAll(async () => {
    host = await createFunctionHost({ calls: { patienceMs: 200 } })
    serving = await serveFunctions(host, { ...ANYWHERE, bodyBytes: 100_000 })
  })
  afterAll(async () => {
    await serving[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
  })

  it('deploys, calls, shows, rolls back and removes a function', async () => {
    const { url } = serving
    const made = await deploy(url, 'hello', { source: 'export default (input) => `Hello, ${input?.name ?? "world"}`' })
    expect([made.status, JSON.parse(made.body)]).toMatchObject([
      201,
      { function: 'hello', version: 1, handler: 'plain' },
    ])
    const called = await ask(`${url}/fn/hello`)
    expect([called.status, called.body]).toEqual([200, 'Hello, world'])
    expect(called.headers.get('server-timing')).toMatch(
      /^queue;dur=[\d.]+, start;dur=[\d.]+, run;dur=[\d.]+, teardown;dur=[\d.]+$/,
    )
    expect(called.headers.get('x-ringfence-version')).toBe('1')
    expect((await ask(`${url}/fn/hello?name=Ada`)).body).toBe('Hello, Ada')
    const json = { method: 'POST', body: '{"name":"Bob"}', headers: { 'content-type': 'application/json' } }
    expect((await ask(`${url}/fn/hello/deeper`, json)).body).toBe('Hello, Bob')
    expect((await deploy(url, 'hello', { source: 'export default () => 2' })).status).toBe(201)
    expect((await deploy(url, 'hello', { source: 'export default () => 2' })).status).toBe(200)
    expect((await ask(`${url}/fn/hello@1`)).body).toBe('Hello, world')
    expect((await ask(`${url}/api/functions/hello/rollback`, { method: 'POST' })).status).toBe(200)
    expect((await ask(`${url}/fn/hello`)).body).toBe('Hello, world')
    const invoked = await ask(`${url}/api/functions/hello/invoke`, { method: 'POST', body: '{"name":"Cy"}' })
    expect(JSON.parse(invoked.body)).toMatchObject({ status: 'ok', value: 'Hello, Cy', tier: 'isolate', version: 1 })
    const aliased = await ask(`${url}/api/functions/hello/aliases/next`, { method: 'PUT', body: '{"version":2}' })
    expect(JSON.parse(aliased.body)).toMatchObject({ aliases: { next: { version: 2 } }, secrets: [] })
    expect((await ask(`${url}/fn/hello@next`)).body).toBe('2')
    expect((await ask(`${url}/api/functions/hello/aliases/next`, { method: 'DELETE' })).status).toBe(200)
    const { functions } = JSON.parse((await ask(`${url}/api/functions`)).body)
    expect(functions).toMatchObject([{ name: 'hello', latest: 2 }])
    const { versions } = JSON.parse((await ask(`${url}/api/functions/hello/versions`)).body)
    expect(versions).toMatchObject([{ number: 2 }, { number: 1 }])
    expect((await ask(`${url}/api/functions/hello`, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(`${url}/fn/hello`)).status).toBe(404)
  })

  it('blocks, unblocks and kills', async () => {
    const { url } = serving
    await deploy(url, 'waits', { source: 'export default (n) => n ?? new Promise(() => {})' })
    const running = ask(`${url}/fn/waits`)
    await expect.poll(() => host.stats().inside).toBe(1)
    const kill = { method: 'POST', body: '{"reason":"incident 7"}' }
    await expect
      .poll(async () => JSON.parse((await ask(`${url}/api/functions/waits/kill`, kill)).body))
      .toEqual({ ended: 1 })
    const killed = await running
    expect([killed.status, killed.headers.get('retry-after')]).toEqual([503, '1'])
    expect((await ask(`${url}/api/functions/waits/block`, { ...kill, method: 'PUT' })).status).toBe(200)
    const blocked = await ask(`${url}/fn/waits?n=1`)
    expect([blocked.status, blocked.headers.get('retry-after')]).toEqual([503, null])
    expect(JSON.parse(blocked.body)).toMatchObject({
      error: { code: 'blocked', message: expect.stringContaining('incident 7') },
    })
    expect((await ask(`${url}/api/functions/waits/block`, { method: 'DELETE' })).body).toBe('{"unblocked":true}')
    expect((await ask(`${url}/fn/waits?n=1`)).status).toBe(200)
  })

  it.each([
    [500, 'user_error', `export default () => { throw new Error('mine') }`, {}],
    [504, 'timeout_wall', `export default () => { for (;;); }`, { limits: { wallMs: 100 } }],
    [429, 'throttled', `export default () => 1`, { concurrency: 0 }],
    [502, 'output_limit', `export default () => 'x'.repeat(2_000_000)`, {}],
  ])('answers %i for %s', async (status, code, source, more) => {
    await deploy(serving.url, 'ends', { source, ...more })
    const answer = await ask(`${serving.url}/fn/ends`)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { code, invocation: answer.headers.get('x-ringfence-invocation') },
    })
    expect(answer.headers.get('retry-after')).toBe(code === 'throttled' ? '1' : null)
    await ask(`${serving.url}/api/functions/ends`, { method: 'DELETE' })
  })

  it('says that nobody had room in time', async () => {
    const { url } = serving
    const instances = { max: 1 }
    await deploy(url, 'one', { source: 'export default () => new Promise((done) => setTimeout(done, 800))', instances })
    const [first, second] = await Promise.all([ask(`${url}/fn/one`), ask(`${url}/fn/one`)])
    expect(new Set([first.status, second.status])).toEqual(new Set([204, 503]))
    const refused = first.status === 503 ? first : second
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'queue_timeout' } })
    expect(refused.headers.get('retry-after')).toBe('2')
  })

  it.each<[number, string, RequestInit]>([
    [400, '/api/functions/f', { method: 'PUT', body: '{' }],
    [400, '/api/functions/f', { method: 'PUT', body: '{"source":"export default ("}' }],
    [400, '/api/functions/f', { method: 'PUT', body: '[]' }],
    [400, '/api/functions/a..b', { method: 'PUT', body: '{"source":"1"}' }],
    [404, '/api/functions/none', {}],
    [404, '/fn/none', {}],
    [404, '/fn/../api', {}],
    [404, '/elsewhere', {}],
    [413, '/fn/none', { method: 'POST', body: 'x'.repeat(200_000) }],
  ])('answers %i to %s', async (status, path, init) => {
    const answer = await ask(`${serving.url}${path}`, init)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { message: expect.any(String) } })
  })

  it.each([
    [{ origin: 'https://elsewhere.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ host: 'rebound.example' }, 403],
    [{ host: 'rebound.example:8080' }, 403],
    [{ host: 'localhost:1' }, 200],
    [{}, 200],
  ])('lets no page of another site control it: %j', async (headers: Record<string, string>, status) => {
    const { host: name = '127.0.0.1', ...others } = headers
    const lines = Object.entries({ host: name, connection: 'close', ...others }).map(
      ([key, value]) => `${key}: ${value}`,
    )
    const answer = await raw(serving.url, `GET /api/functions HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    expect(answer).toContain(`HTTP/1.1 ${status} `)
  })

  it.each([
    [`GET //elsewhere.example/x HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`, '404'],
    [
      `GET /fn/echo//elsewhere.example/x HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
      '"http://127.0.0.1//elsewhere.example/x"',
    ],
    [`GET /fn/echo HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n`, ' 400 '],
    [`GET /fn/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\na: ${'y'.repeat(40_000)}\r\n\r\n`, ' 431 '],
  ])('takes an odd request for what it is: %s', async (request, expected) => {
    const source = 'export default { fetch: (request) => Response.json(request.url) }'
    await deploy(serving.url, 'echo', { source })
    expect(await raw(serving.url, request)).toContain(expected)
  })

  it('sends each cookie in a line of its own', async () => {
    const source = `export const handler = () => ({ statusCode: 200, cookies: ['a=1', 'b=2'], body: '' })`
    await deploy(serving.url, 'cookies', { source })
    const { headers } = await ask(`${serving.url}/fn/cookies`)
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('ends a call whose caller left', async () => {
    await deploy(serving.url, 'slow', { source: 'export default () => new Promise(() => {})', trust: 'trusted' })
    const left = new AbortController()
    const running = fetch(`${serving.url}/fn/slow`, { signal: left.signal })
    await expect.poll(() => host.stats().inside).toBe(1)
    left.abort()
    await expect(running).rejects.toThrow('aborted')
    await expect.poll(() => host.stats().inside).toBe(0)
  })

  it('sends lines of a log as they come', async () => {
    await deploy(serving.url, 'logs', { source: 'export default () => { console.warn("first line") }' })
    const left = new AbortController()
    const response = await fetch(`${serving.url}/api/functions/logs/logs?follow=1`, { signal: left.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await ask(`${serving.url}/fn/logs`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const { value = '' } = (await reader?.read()) ?? {}
    expect(JSON.parse(value.replace(/^data: /, ''))).toMatchObject({ level: 'warn', text: 'first line', version: 1 })
    left.abort()
    const { lines } = JSON.parse((await ask(`${serving.url}/api/functions/logs/logs`)).body)
    expect(lines).toMatchObject([{ text: 'first line' }])
  })

  it('says that it is well', async () => {
    expect((await ask(`${serving.url}/healthz`)).body).toBe('{"status":"ok"}')
    expect(JSON.parse((await ask(`${serving.url}/readyz`)).body)).toMatchObject({ status: 'ok' })
  })
})
