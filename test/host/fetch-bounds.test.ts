import { describe, expect, it } from 'vitest'
import { asksOf, MALFORMED, question, UNREACHABLE } from './asking.ts'
import { serveBytes, shareFetches } from './fetch-server.ts'

const server = shareFetches()
const { here, ask } = asksOf(server)

describe('the bounds of a fetch', () => {
  it.each([
    ['/bytes?count=1000', 1000],
    ['/bytes?count=1001', 'fetch failed: the answer is too long'],
    ['/bomb?count=1000', 1000],
    ['/bomb?count=100000000', 'fetch failed: the answer is too long'],
    ['/endless', 'fetch failed: the answer is too long'],
    ['/strange-encoding', 'fetch failed: the answer is encoded in an unknown way'],
    ['/truncated', UNREACHABLE],
    ['/many-headers', UNREACHABLE],
    ['/slow', 'fetch failed: it took too long'],
    ['/silent', 'fetch failed: it took too long'],
    ['/empty', 0],
  ])('holds answers to their bounds: %s', async (path, wanted) => {
    const answer = await ask(question(here(path)), {
      maxBodyBytes: 1000,
      timeoutMs: path.startsWith('/s') ? 300 : 10_000,
    })
    expect(typeof answer === 'string' ? answer : answer.body.byteLength).toBe(wanted)
    await expect.poll(server.open).toBe(0)
  })

  it('takes an answer in as many chunks as it has bytes, and no more room for it than for the bytes', async () => {
    const count = 200_000
    const answer = await ask(question(here(`/dribble?count=${count}`)))
    if (typeof answer === 'string') throw new Error(answer)
    expect([answer.body.byteLength, answer.body.buffer.byteLength]).toEqual([count, count])
    expect(answer.body.every((byte) => byte === 97)).toBe(true)
    expect(await ask(question(here(`/dribble?count=${count}`)), { maxBodyBytes: count - 1 })).toContain('too long')
  })

  it('holds questions to their bounds', async () => {
    const holes = Object.assign([], { length: 2 ** 32 - 1 })
    expect(await ask(question(here('/echo'), { headers: holes }))).toBe(MALFORMED)
    const body = new Uint8Array(1001)
    const long = await ask(question(here('/echo'), { method: 'POST', body }), { maxRequestBytes: 1000 })
    expect(long).toBe('fetch failed: the body is too long')
    expect(server.asked).toEqual([])
  })

  it.each([
    null,
    'http://127.0.0.1/',
    [],
    {},
    { url: 1 },
    { headers: null },
    { headers: { a: 'b' } },
    { headers: [['a']] },
    { headers: [['a', 'b', 'c']] },
    { headers: [['a', 1]] },
    { headers: [['a\r\nb', 'c']] },
    { headers: [['a', 'b\r\nc: d']] },
    { headers: [['a', 'b\0']] },
    { headers: [['', 'b']] },
    { headers: [['a', 'b'.repeat(20_000)]] },
    { headers: Array.from({ length: 101 }, () => ['a', 'b']) },
    { body: 'text' },
    { body: [1] },
    { redirect: 'sideways' },
    { id: 'one' },
    { url: 'relative' },
    { url: 'http://user:pass@127.0.0.1/' },
    { url: `http://127.0.0.1/${'a'.repeat(9000)}` },
  ])('understands nothing else than what guests send: %#', async (forged) => {
    const whole =
      typeof forged === 'object' && forged !== null && !Array.isArray(forged) && Object.keys(forged).length > 0
    expect(await ask(whole ? question(here('/echo'), forged) : forged)).toBe(MALFORMED)
    expect(server.asked).toEqual([])
  })

  it.each([
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\nY: b\rZ\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: evil\r\n\r\n',
    'HTTP/1.1 999 Strange\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab',
    'nonsense',
    '',
  ])('takes no answer that is none: %j', async (bytes) => {
    await using raw = await serveBytes(bytes)
    const options = { hosts: [`127.0.0.1:${raw.port}`], timeoutMs: 2000 }
    expect(await ask(question(`http://127.0.0.1:${raw.port}/`), options)).toBe(UNREACHABLE)
  })
})
