import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { request, textOf } from './scene.ts'
import { servedHost } from './served-host.ts'

const TIERS = ['vm', 'isolate', 'worker', 'process'] as const

const EVENTS = `export default { fetch() {
  let n = 0
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      n += 1
      if (n > 3) controller.close()
      else controller.enqueue(new TextEncoder().encode('data: ' + n + '\\n\\n'))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
} }`
const LAMBDA = `export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: 201, headers: { 'X-Kind': 'lambda' }, cookies: ['a=1'] })
  out.write('one ')
  await new Promise((resolve) => setTimeout(resolve, 20))
  if (!out.write(new Uint8Array(20_000).fill(46))) await new Promise((resolve) => out.once('drain', resolve))
  out.end(String(context.getRemainingTimeInMillis() > 0))
})`
const GENERATOR = `export default async function* ({ n }) {
  for (let i = 1; i <= Number(n); i += 1) { yield i + '\\n'; await new Promise((resolve) => setTimeout(resolve, 5)) }
}`

/** The chunks of an answer, each as it came. */
async function chunksOf(url: string): Promise<{ status: number; headers: Headers; chunks: string[] }> {
  const { status, headers, body } = await fetch(url)
  const chunks: string[] = []
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) chunks.push(chunk)
  return { status, headers, chunks }
}

describe('a function that answers as it goes', () => {
  const served = servedHost()

  it.each(TIERS)('is read while it runs, in the tier %s', async (tier) => {
    const trust = tier === 'vm' || tier === 'worker' ? 'limited' : 'untrusted'
    const more = { trust, tier } as const
    await served().host.deploy({ name: 'events', source: EVENTS, ...more })
    await served().host.deploy({ name: 'lambda', source: LAMBDA, ...more })
    await served().host.deploy({ name: 'counts', source: GENERATOR, ...more })

    const events = await chunksOf(`${served().url}/fn/events`)
    expect(events.chunks).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'])
    expect(events.headers.get('content-type')).toBe('text/event-stream')
    expect(events.headers.get('x-ringfence-invocation')).toMatch(/^[\da-f-]{36}$/)

    const lambda = await chunksOf(`${served().url}/fn/lambda`)
    expect([lambda.status, lambda.headers.get('x-kind'), lambda.headers.getSetCookie()]).toEqual([
      201,
      'lambda',
      ['a=1'],
    ])
    expect(lambda.chunks[0]).toBe('one ')
    expect(lambda.chunks.join('')).toBe(`one ${'.'.repeat(20_000)}true`)

    expect((await chunksOf(`${served().url}/fn/counts?n=3`)).chunks.join('')).toBe('1\n2\n3\n')
    expect(textOf(await served().host.request('counts', request({ url: 'http://localhost/?n=2' })))).toEqual({
      status: 200,
      text: '1\n2\n',
    })
    expect(await served().host.invoke('counts', { n: 2 })).toMatchObject({
      answer: { kind: 'json', text: '"1\\n2\\n"' },
    })
    expect(await served().host.invoke('lambda', {})).toMatchObject({
      answer: { kind: 'json', text: expect.stringContaining('one ') },
    })
  })

  it('sends the head before there is a body, and the client that leaves ends it', async () => {
    const source = `export default { fetch: () => new Response(new ReadableStream({
      start() { console.log('began') } })) }`
    await served().host.deploy({ name: 'silent', source, trust: 'limited' })
    const ended = new Promise((resolve) => served().host.onInvocation(resolve))
    const asking = get(`${served().url}/fn/silent`)
    asking.on('error', () => {})
    await new Promise((resolve) => asking.on('response', resolve))
    expect(served().host.stats().inside).toBe(1)
    asking.destroy()
    expect(await ended).toMatchObject({ function: 'silent', status: 'cancelled' })
    await expect.poll(() => served().host.stats().inside).toBe(0)
  })

  it.each([
    ['throws', `yield 'a'; await wait(); throw new Error('mine')`, 'user_error'],
    ['never ends', `for (;;) { yield 'a'; await wait() }`, 'timeout_wall'],
    ['falls silent', `yield 'a'; await new Promise(() => {})`, 'limit'],
    ['writes too much', `for (;;) { yield 'a'.repeat(10_000); await wait() }`, 'output_limit'],
    ['writes what is no text', `yield 'a'; await wait(); yield 7`, 'user_error'],
  ])('that %s has its connection cut, so that nobody takes it for complete', async (_, body, status) => {
    const wait = 'const wait = () => new Promise((resolve) => setTimeout(resolve, 5))\n'
    const limits = { wallMs: 900, idleMs: status === 'limit' ? 200 : 1000, outputBytes: 100_000 }
    await served().host.deploy({ name: 'bad', source: `${wait}export default async function* () { ${body} }`, limits })
    const ended = new Promise((resolve) => served().host.onInvocation(resolve))
    await expect(chunksOf(`${served().url}/fn/bad`)).rejects.toThrow('terminated')
    expect(await ended).toMatchObject({ function: 'bad', status })
    expect((await served().host.request('bad', request())).status).toBe(status)
  })

  it('throws to who reads the body in a program', async () => {
    await served().host.deploy({
      name: 'half',
      source: `export default async function* () { yield 'a'; await new Promise((f) => setTimeout(f, 5)); throw new Error('mine') }`,
    })
    const responding = await served().host.stream('half', { request: request() })
    if (!responding.isOpen) throw new Error('It should have been open')
    const read = async (): Promise<void> => {
      for await (const piece of responding.body) expect(piece).toEqual(new TextEncoder().encode('a'))
    }
    await expect(read()).rejects.toMatchObject({
      code: 'RF_ANSWER_INCOMPLETE',
      message: expect.stringContaining('mine'),
    })
    expect(await responding.invocation).toMatchObject({ status: 'user_error' })
  })

  it('is as a whole what is there at once, with all that is said of a call that has ended', async () => {
    await served().host.deploy({ name: 'whole', source: `export default { fetch: () => new Response('all of it') }` })
    const { headers, body } = await ask(`${served().url}/fn/whole`)
    expect([headers.get('content-length'), headers.get('server-timing') === null, body]).toEqual([
      '9',
      false,
      'all of it',
    ])
    expect(await served().host.stream('whole', { request: request() })).toMatchObject({
      isOpen: false,
      invocation: { status: 'ok' },
    })
  })

  it('gives a download of more than one piece without holding all of it', async () => {
    const source = `export default { fetch() {
      let n = 0
      return new Response(new ReadableStream({ async pull(controller) {
        await null
        if (n++ === 64) controller.close()
        else controller.enqueue(new Uint8Array(65_536).fill(n))
      } }), { headers: { 'content-disposition': 'attachment; filename="data.bin"', 'content-type': 'application/octet-stream' } })
    } }`
    await served().host.deploy({ name: 'file', source, trust: 'limited' })
    const answer = await fetch(`${served().url}/fn/file`)
    expect(answer.headers.get('content-disposition')).toContain('data.bin')
    const bytes = await answer.bytes()
    expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([64 * 65_536, 1, 64])
  })

  it('may hand on what it was sent', async () => {
    const source = `export default { fetch: (request) => new Response(request.body.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TransformStream({ transform: (text, controller) => controller.enqueue(text.toUpperCase()) }))
      .pipeThrough(new TextEncoderStream())) }`
    await served().host.deploy({ name: 'upper', source, trust: 'limited' })
    expect((await ask(`${served().url}/fn/upper`, { method: 'POST', body: 'quietly' })).body).toBe('QUIETLY')
  })

  it.each([
    ['from the beginning', `yield 7`],
    ['later', `yield 'a'; await new Promise((done) => setTimeout(done, 5)); yield 7`],
  ])('whose text has taken the adapter over, %s, gives nothing but bytes', async (_, body) => {
    const takeOver = `Object.defineProperty(Uint8Array, Symbol.hasInstance, {
      value: (given) => given === 7 || ArrayBuffer.isView(given) })\n`
    await served().host.deploy({ name: 'taken', source: `${takeOver}export default async function* () { ${body} }` })
    expect(await served().host.request('taken', request())).toMatchObject({
      status: 'user_error',
      detail: 'The function answered with what is no HTTP response',
    })
    expect(served().host.stats().inside).toBe(0)
  })
})
