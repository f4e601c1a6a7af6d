import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFetchHandler, createNodeListener } from '../../src/function-host.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import { open } from './scene.ts'

const WEB = `export default { async fetch(request) {
  const { pathname, search } = new URL(request.url)
  const headers = [['x-a', 'b'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']]
  return new Response(request.method + ' ' + pathname + search + ' ' + await request.text(), { status: 201, headers }) } }`
const COUNTS = `export default async function* () { for (const n of [1, 2, 3]) { yield n + '\\n'; await new Promise((done) => setTimeout(done, 10)) } }`

describe('a fetch handler', () => {
  let host: FunctionHost
  beforeAll(async () => {
    host = await open()
    await host.deploy({ name: 'web', source: WEB, access: 'public' })
    await host.deploy({ name: 'counts', source: COUNTS, access: 'public' })
    await host.deploy({ name: 'fails', source: `export default () => { throw new Error('mine') }`, access: 'public' })
    await host.deploy({ name: 'private', source: 'export default () => 1' })
    await host.deploy({
      name: 'waits',
      source: 'export default () => new Promise(() => {})',
      access: 'public',
      trust: 'limited',
    })
  })
  afterAll(() => host[Symbol.asyncDispose]())

  it.each([
    [
      'hono',
      async () => {
        const handler = createFetchHandler(host)
        const app = new Hono().all('/fn/*', (c) => handler(c.req.raw))
        const request = (path: string, init?: RequestInit): Promise<Response> =>
          Promise.resolve(app.request(path, init))
        return { request, close: async () => {} }
      },
    ],
    [
      'node:http',
      async () => {
        const listener = createNodeListener(createFetchHandler(host))
        const server = createServer((request, response) => void listener(request, response))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as AddressInfo
        const request = (path: string, init?: RequestInit): Promise<Response> =>
          fetch(`http://127.0.0.1:${port}${path}`, init)
        return { request, close: () => new Promise<void>((resolve) => server.close(() => resolve())) }
      },
    ],
    [
      'fastify',
      async () => {
        const listener = createNodeListener(createFetchHandler(host))
        const server = fastify({ forceCloseConnections: true })
        server.addContentTypeParser('*', (_request, _body, done) => done(null))
        server.all('/fn/*', async (request, reply) => {
          reply.hijack()
          await listener(request.raw, reply.raw)
        })
        const url = await server.listen({ port: 0, host: '127.0.0.1' })
        return {
          request: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init),
          close: () => server.close(),
        }
      },
    ],
  ])('mounted in %s calls functions as a server does', async (_, mount) => {
    const { request, close } = await mount()
    const answer = await request('/fn/web/a/b?c=1', {
      method: 'POST',
      body: 'a body',
      headers: { 'content-type': 'text/x' },
    })
    expect([answer.status, answer.headers.get('x-a'), answer.headers.getSetCookie()]).toEqual([
      201,
      'b',
      ['a=1', 'b=2'],
    ])
    expect(await answer.text()).toBe('POST /a/b?c=1 a body')
    expect(answer.headers.get('x-ringfence-version')).toBe('1')
    expect(await (await request('/fn/web@1')).text()).toBe('GET / ')
    expect(await (await request('/fn/counts')).text()).toBe('1\n2\n3\n')
    expect((await request('/fn/nowhere')).status).toBe(401)
    expect((await request('/fn/private')).status).toBe(401)
    const failed = await request('/fn/fails')
    expect([failed.status, await failed.json()]).toMatchObject([
      500,
      { error: { code: 'user_error', message: 'The function failed' } },
    ])
    const left = new AbortController()
    const waiting = request('/fn/waits', { signal: left.signal }).catch(() => undefined)
    await expect.poll(() => host.stats().inside).toBe(1)
    left.abort()
    await waiting
    await expect.poll(() => host.stats().inside).toBe(0)
    await close()
  })

  it('lets in whom its maker lets in, at a path of its own, and takes no body that is too large', async () => {
    const isAllowed = ({ headers }: Request): boolean => headers.get('authorization') === 'mine'
    const handler = createFetchHandler(host, { base: '/api/run', isAllowed, bodyBytes: 10 })
    const call = (path: string, init?: RequestInit): Promise<Response> => handler(new Request(`http://a${path}`, init))
    const headers = { authorization: 'mine' }
    expect(await (await call('/api/run/private', { headers })).json()).toBe(1)
    expect((await call('/api/run/private')).status).toBe(401)
    expect(await (await call('/api/run/fails', { headers })).json()).toMatchObject({
      error: { message: 'Error: mine' },
    })
    expect((await call('/api/run/none', { headers })).status).toBe(404)
    expect((await call('/api/run')).status).toBe(404)
    expect((await call('/fn/web')).status).toBe(404)
    expect((await call('/api/run/web', { method: 'POST', body: 'x'.repeat(11) })).status).toBe(413)
    expect(() => createFetchHandler(host, { base: 'fn/' })).toThrow('"base" must begin with a slash')
  })

  it('ends the function when nobody wants its answer any more', async () => {
    const handler = createFetchHandler(host)
    await host.deploy({
      name: 'endless',
      access: 'public',
      trust: 'limited',
      source: COUNTS.replace('[1, 2, 3]', 'Array(100000).keys()'),
    })
    const { body } = await handler(new Request('http://a/fn/endless'))
    const reader = body?.getReader()
    await reader?.read()
    expect(host.stats().inside).toBe(1)
    await reader?.cancel()
    await expect.poll(() => host.stats().inside).toBe(0)
  })
})
