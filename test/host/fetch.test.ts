import { describe, expect, it } from 'vitest'
import { Fetcher } from '../../src/host/fetch/fetch.ts'
import type { FetchOptions } from '../../src/host/fetch/grant.ts'
import { asksOf, grant, question, UNREACHABLE } from './asking.ts'
import { shareFetches } from './fetch-server.ts'

const NOT_GRANTED = 'fetch failed: the host is not among those that were granted'

const server = shareFetches()
const { here, ask } = asksOf(server)

describe('a fetch', () => {
  it('asks what was asked, with headers of the connection that are ours alone', async () => {
    const headers = [
      ['X-A', '1'],
      ['Host', 'evil.example'],
      ['Content-Length', '3'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'upgrade'],
      ['Upgrade', 'h2c'],
      ['Proxy-Authorization', 'x'],
      ['cookie', 'c=1'],
      ['TE', 'trailers'],
    ]
    const body = new TextEncoder().encode('hello')
    const answer = await ask(question(here('/echo?a#b'), { method: 'POST', headers, body }))
    expect(answer).toMatchObject({ status: 200, statusText: 'OK', url: here('/echo?a#b'), redirected: false })
    expect(server.asked).toHaveLength(1)
    const [{ headers: seen, ...asked } = {}] = server.asked
    expect(asked).toEqual({ method: 'POST', url: '/echo?a', body: 'hello' })
    expect(seen).toEqual({
      'x-a': '1',
      cookie: 'c=1',
      'content-length': '5',
      host: `127.0.0.1:${server.port}`,
      connection: 'close',
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'ringfence',
    })
  })

  it('goes nowhere but to the hosts, by the schemes and the methods that were granted', async () => {
    expect(await ask(question('http://other.example/'))).toBe(NOT_GRANTED)
    expect(await ask(question(`http://127.0.0.1:${server.port + 1}/`))).toBe(NOT_GRANTED)
    expect(await ask(question('file:///etc/passwd'), { hosts: ['*'] })).toContain('only http and https')
    expect(await ask(question('data:,a'), { hosts: ['*'] })).toContain('only http and https')
    expect(await ask(question(here('/echo'), { method: 'DELETE' }), { methods: ['GET'] })).toContain('the method')
    for (const method of ['CONNECT', 'TRACE', 'get', 'GET /x HTTP/1.1\r\nX: y', '']) {
      expect(await ask(question(here('/echo'), { method }))).toContain('the method')
    }
    expect(server.asked).toEqual([])
  })

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    'localhost',
    'localhost.',
    'sub.localhost',
  ])('does not reach the loopback as %s', async (host) => {
    const options = { hosts: [`*:${server.port}`], privateAddresses: [] }
    expect(await ask(question(`http://${host}:${server.port}/echo`), options)).toBe(UNREACHABLE)
    expect(server.asked).toEqual([])
  })

  it('does not reach a private address by a granted name, nor by one address among others', async () => {
    const inside = question(`http://inside.example:${server.port}/echo`)
    expect(await ask(inside, { privateAddresses: [] })).toBe(UNREACHABLE)
    expect(await ask(inside, {}, ['::ffff:127.0.0.2', '127.0.0.2', '169.254.169.254'])).toBe(UNREACHABLE)
    expect(server.asked).toEqual([])
    expect(await ask(inside, {}, ['127.0.0.2', '127.0.0.1'])).toMatchObject({ status: 200 })
    expect(server.asked).toHaveLength(1)
  })

  it('looks a name up once for each hop, and connects to nothing but what was found then', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']]
    let lookups = 0
    const fetcher = new Fetcher(grant(server), () => Promise.resolve(answers[lookups++] ?? []))
    const signal = new AbortController().signal
    const once = await fetcher.fetch(question(`http://inside.example:${server.port}/echo`), signal)
    expect([once.status, lookups, server.asked[0]?.headers.host]).toEqual([200, 1, `inside.example:${server.port}`])
    lookups = 0
    const moved = fetcher.fetch(question(`http://inside.example:${server.port}/redirect`), signal)
    await expect(moved).rejects.toThrow(UNREACHABLE)
    expect([lookups, server.asked.length]).toEqual([2, 2])
  })

  it.each([
    ['http://127.0.0.2:PORT/echo', UNREACHABLE, { hosts: ['*:PORT'] }],
    ['http://[::1]:PORT/echo', UNREACHABLE, { hosts: ['*:PORT'] }],
    ['http://169.254.169.254/latest/meta-data/', NOT_GRANTED, {}],
    ['http://127.0.0.1:1/', NOT_GRANTED, {}],
    ['file:///etc/passwd', 'fetch failed: only http and https can be fetched', { hosts: ['*', '*:PORT'] }],
    ['//user:pass@127.0.0.1:PORT/', UNREACHABLE, {}],
    ['http://[', UNREACHABLE, {}],
    ['/redirect?to=/redirect', 'fetch failed: there were too many redirections', {}],
  ])(
    'does not follow a redirection to %s',
    async (to, message, options: Partial<FetchOptions>) => {
      const withPort = (text: string): string => text.replaceAll('PORT', String(server.port))
      const hosts = options.hosts === undefined ? {} : { hosts: options.hosts.map(withPort) }
      const target = to.startsWith('/redirect') ? '/redirect?to=' : `/redirect?to=${encodeURIComponent(withPort(to))}`
      expect(await ask(question(here(target)), hosts)).toBe(message)
      expect(server.asked.every(({ url }) => url?.startsWith('/redirect') === true)).toBe(true)
    },
    10_000,
  )

  it('follows redirections as the standard has it, and takes no credentials elsewhere', async () => {
    const headers = [
      ['Authorization', 'secret'],
      ['Cookie', 'c'],
      ['Content-Type', 'text/plain'],
      ['X-A', '1'],
    ]
    const elsewhere = encodeURIComponent(`http://inside.example:${server.port}/echo`)
    const body = new Uint8Array([97])
    const moved = question(here(`/redirect?status=302&to=${elsewhere}`), { method: 'POST', headers, body })
    expect(await ask(moved)).toMatchObject({
      status: 200,
      redirected: true,
      url: `http://inside.example:${server.port}/echo`,
    })
    expect(server.asked[1]).toMatchObject({ method: 'GET', body: '', headers: { 'x-a': '1' } })
    const kept = Object.keys(server.asked[1]?.headers ?? {})
    expect(kept.filter((name) => ['authorization', 'cookie', 'content-type'].includes(name))).toEqual([])
    await ask(question(here('/redirect?status=307'), { method: 'POST', headers, body }))
    expect(server.asked[3]).toMatchObject({ method: 'POST', body: 'a', headers: { authorization: 'secret' } })
    expect(await ask(question(here('/redirect'), { redirect: 'manual' }))).toMatchObject({
      status: 302,
      redirected: false,
    })
    expect(await ask(question(here('/redirect'), { redirect: 'error' }))).toBe('fetch failed: there was a redirection')
  })

  it('says the same of a host that is not there and of one that may not be reached', async () => {
    const nowhere = new Fetcher(grant(server), () => Promise.reject(new Error('getaddrinfo ENOTFOUND inside.example')))
    const asking = nowhere.fetch(question(`http://inside.example:${server.port}/`), new AbortController().signal)
    await expect(asking).rejects.toThrow(UNREACHABLE)
    expect(await ask(question('http://127.0.0.1:9/'), { hosts: ['127.0.0.1:9'] })).toBe(UNREACHABLE)
  })

  it('is taken back by the call that asked, and by no other', async () => {
    const fetcher = new Fetcher(grant(server))
    const [one, other] = [new AbortController().signal, new AbortController().signal]
    const asking = fetcher.take(question(here('/silent'), { id: 7 }), one)
    await expect.poll(() => server.asked.length).toBe(1)
    const others = [8, '7', null, { valueOf: () => 7 }].map((abandon) => fetcher.take({ abandon }, one))
    await Promise.allSettled(others)
    await fetcher.take({ abandon: 7 }, other)
    expect(await server.open()).toBe(1)
    expect(await fetcher.take({ abandon: 7 }, one)).toBeUndefined()
    await expect(asking).rejects.toThrow(UNREACHABLE)
    await expect.poll(server.open).toBe(0)
    expect(await fetcher.take({ abandon: 7 }, one)).toBeUndefined()
  })

  it('ends with the call of its guest, also while it is looked up or waits for its turn', async () => {
    const call = new AbortController()
    const stuck = new Fetcher(grant(server), () => new Promise(() => {}))
    const waiting = Array.from({ length: 20 }, () =>
      stuck.fetch(question(`http://inside.example:${server.port}/`), call.signal),
    )
    const running = new Fetcher(grant(server), () => Promise.resolve([])).fetch(question(here('/silent')), call.signal)
    await expect.poll(() => server.asked.length).toBe(1)
    call.abort()
    const ended = await Promise.allSettled([...waiting, running])
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['rejected']))
    await expect.poll(server.open).toBe(0)
  })
})
