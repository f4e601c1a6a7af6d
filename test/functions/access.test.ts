import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import { type ServeOptions, serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE, ask, deploy, raw } from './ask.ts'

const TOKEN = 'a-token-of-the-operator'

describe('a server with a token', () => {
  const authorization = { authorization: `Bearer ${TOKEN}` }
  it('asks for it wherever functions are controlled, and where one is not public', async () => {
    await using host = await createFunctionHost()
    await using serving = await serveFunctions(host, { ...ANYWHERE, token: TOKEN })
    const { url } = serving
    const source = `export default { fetch: (request) => Response.json(request.headers.get('authorization')) }`
    expect((await deploy(url, 'f', { source })).status).toBe(401)
    expect((await deploy(url, 'f', { source }, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await deploy(url, 'f', { source }, authorization)).status).toBe(201)
    const refused = await ask(`${url}/fn/f`)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    // The function never sees the token of its host, and does see what is its own.
    expect((await ask(`${url}/fn/f`, { headers: authorization })).body).toBe('null')
    await deploy(url, 'f', { source, access: 'public' }, authorization)
    expect((await ask(`${url}/fn/f`, { headers: { authorization: 'Bearer mine' } })).body).toBe('"Bearer mine"')
    expect((await ask(`${url}/api/functions`)).status).toBe(401)
  })

  it('tells strangers of a function that is there what it tells them of one that is not', async () => {
    await using host = await createFunctionHost()
    await using serving = await serveFunctions(host, { ...ANYWHERE, token: TOKEN })
    await deploy(serving.url, 'hidden', { source: 'export default () => 1' }, authorization)
    const told = async (name: string, headers: Record<string, string>): Promise<unknown> => {
      const { status, body } = await ask(`${serving.url}/fn/${name}`, { headers })
      return [status, body]
    }
    for (const headers of [{}, { authorization: 'Bearer guessed' }]) {
      expect(await told('hidden', headers)).toEqual(await told('nothing', headers))
      expect(await told('hidden@7', headers)).toEqual(await told('nothing@7', headers))
    }
    expect(await told('nothing', authorization)).toMatchObject([404, expect.stringContaining('does not exist')])
  })

  it('tells strangers nothing of what went wrong inside a function', async () => {
    await using host = await createFunctionHost()
    await using serving = await serveFunctions(host, { ...ANYWHERE, token: TOKEN })
    const source = `export default () => { throw new Error('inner matters') }`
    await deploy(serving.url, 'f', { source, access: 'public' }, authorization)
    expect((await ask(`${serving.url}/fn/f`)).body).not.toContain('inner matters')
    expect((await ask(`${serving.url}/fn/f`, { headers: authorization })).body).toContain('inner matters')
  })
})

it.each<[Partial<ServeOptions>, string]>([
  [{ address: '0.0.0.0' }, 'without a token only this machine may reach it'],
  [{ address: '::' }, 'without a token only this machine may reach it'],
  [{ address: '192.0.2.1' }, 'without a token only this machine may reach it'],
  [{ token: '' }, 'the token must not be empty'],
])('does not listen with %j', async (options, message) => {
  await using host = await createFunctionHost()
  await expect(serveFunctions(host, { ...ANYWHERE, ...options })).rejects.toThrow(message)
})

it('cuts off who is too slow with a request', async () => {
  await using host = await createFunctionHost()
  await using serving = await serveFunctions(host, { ...ANYWHERE, headersMs: 200, requestMs: 200 })
  const answer = await raw(serving.url, 'GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n')
  expect(answer).toContain(' 408 ')
})

it.each([
  ['as a whole', `export default () => 'x'.repeat(20_000_000)`],
  [
    'in pieces',
    `export default async function* () { for (let n = 0; n < 20; n += 1) { yield 'x'.repeat(1_000_000); await null } }`,
  ],
])('cuts off who does not read an answer that is sent %s', async (_, source) => {
  await using host = await createFunctionHost()
  await using serving = await serveFunctions(host, { ...ANYWHERE, readMs: 300 })
  await host.deploy({ name: 'large', source, trust: 'trusted' })
  expect((await ask(`${serving.url}/fn/large`)).body).toHaveLength(20_000_000)
  const { port, hostname } = new URL(serving.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write('GET /fn/large HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
  await setTimeout(2000)
  let length = 0
  socket.on('data', (bytes) => (length += bytes.length))
  await new Promise((resolve) => socket.on('close', resolve))
  expect(length).toBeLessThan(20_000_000)
})

it('lets in no more than so many at once', async () => {
  await using host = await createFunctionHost()
  await using serving = await serveFunctions(host, { ...ANYWHERE, connections: 1 })
  const { port, hostname } = new URL(serving.url)
  const first = connect(Number(port), hostname)
  await new Promise((resolve) => first.on('connect', resolve))
  await expect(ask(`${serving.url}/healthz`)).rejects.toThrow('fetch failed')
  first.destroy()
  await expect
    .poll(() =>
      ask(`${serving.url}/healthz`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200)
})

it.each([{ readMs: 0 }, { connections: 1.5 }, { bodyBytes: -1 }])('has no limits such as %j', async (options) => {
  await using host = await createFunctionHost()
  await expect(serveFunctions(host, { ...ANYWHERE, ...options })).rejects.toThrow('must be a whole number above 0')
})

it('answers what is under way before it closes, and ends what takes too long', async () => {
  await using host = await createFunctionHost()
  const serving = await serveFunctions(host, ANYWHERE)
  await host.deploy({
    name: 'f',
    source: 'export default (ms) => new Promise((done) => setTimeout(done, Number(ms.ms), 1))',
    trust: 'trusted',
  })
  const quick = ask(`${serving.url}/fn/f?ms=300`)
  const slow = ask(`${serving.url}/fn/f?ms=20000`)
  await expect.poll(() => host.stats().inside).toBe(2)
  const closed = serving.close(1500)
  expect((await quick).status).toBe(200)
  await expect(slow).rejects.toThrow('fetch failed')
  await closed
})
