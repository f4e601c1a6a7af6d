import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEvent, FetchOptions } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { shareFetches } from '../host/fetch-server.ts'

const server = shareFetches()

describe.each(VARIANTS)('fetch in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const granted = (more: Partial<FetchOptions> = {}): FetchOptions => ({
    hosts: [`127.0.0.1:${server.port}`],
    privateAddresses: ['127.0.0.1'],
    ...more,
  })

  /** Runs the body of an async function that knows the server as `at`. */
  const runs = async (body: string, more: Partial<FetchOptions> = {}): Promise<unknown> => {
    const source = `export default async (at) => { ${body} }`
    const input = `http://127.0.0.1:${server.port}`
    const { outcome } = await scene.run(source, { input, fetch: granted(more) })
    return outcome.kind === 'returned' ? outcome.value : outcome
  }

  it('is not there unless it was granted', async () => {
    const source = `export default () => [typeof fetch, 'fetch' in globalThis, typeof Response]`
    const { outcome } = await scene.run(source)
    expect(outcome).toEqual({ kind: 'returned', value: ['undefined', false, 'function'] })
    const lent = await scene.run(source, { functions: { fetch: () => 1 } })
    expect(lent.outcome).toEqual({ kind: 'returned', value: ['undefined', false, 'function'] })
  })

  it('asks and reads the answer', async () => {
    const value = await runs(`
      const r = await fetch(at + '/echo?x=1#f', { method: 'post', headers: { 'X-A': 'b' }, body: JSON.stringify({ é: 1 }) })
      const { method, url, body, headers } = await r.clone().json()
      return [r.ok, r.status, r.type, r.url === at + '/echo?x=1', r.headers.getSetCookie(), method, url, body, headers['x-a'], headers['content-type'], r.bodyUsed, (await r.bytes()).length > 9]`)
    const type = 'text/plain;charset=UTF-8'
    const cookies = ['a=1', 'b=2']
    expect(value).toEqual([true, 200, 'basic', true, cookies, 'POST', '/echo?x=1', '{"é":1}', 'b', type, false, true])
  })

  it('takes requests, forms and streams, and many at once', async () => {
    const value = await runs(`
      const form = new FormData()
      form.append('a', new File(['bytes'], 'n.txt'))
      const echo = async (body, more) => (await (await fetch(new Request(at + '/echo', { method: 'PUT', body, ...more }))).json()).body
      const sizes = await Promise.all(Array.from({ length: 20 }, (_, i) => fetch(at + '/bytes?count=' + i).then((r) => r.text())))
      return [
        (await echo(form)).includes('filename="n.txt"\\r\\nContent-Type: application/octet-stream\\r\\n\\r\\nbytes\\r\\n'),
        await echo(ReadableStream.from([new Uint8Array([104, 105])]), { duplex: 'half' }),
        await echo(new URLSearchParams({ q: 'a b' })),
        sizes.every((text, i) => text.length === i),
        (await fetch(at + '/empty')).body, await (await fetch(at + '/bytes?count=5', { method: 'HEAD' })).text(),
        (await fetch(at + '/redirect')).redirected, (await fetch(at + '/redirect', { redirect: 'manual' })).status, (await fetch(at + '/nowhere')).ok,
      ]`)
    expect(value).toEqual([true, 'hi', 'q=a+b', true, null, '', true, 302, false])
  })

  it('hands over a body as it comes, whole to whoever wants it whole, and gives it up when nobody does', async () => {
    const value = await runs(`
      const parts = []
      const r = await fetch(at + '/parts?count=4')
      for await (const chunk of r.body) parts.push(new TextDecoder().decode(chunk))
      const whole = await fetch(at + '/parts?count=3')
      const copy = (await fetch(at + '/parts?count=2')).clone()
      const reader = (await fetch(at + '/slow')).body.getReader()
      const first = (await reader.read()).value
      await reader.cancel()
      const stop = new AbortController()
      const stopped = await fetch(at + '/slow', { signal: stop.signal })
      const reading = stopped.text().catch((reason) => reason)
      stop.abort('enough')
      return [parts.length > 1, parts.join(''), whole.bodyUsed, await whole.text(), whole.bodyUsed, await copy.text(), first[0],
        (await reader.closed) === undefined, await reading, (await fetch(at + '/cut-off').then((r) => r.text()).catch((e) => e instanceof TypeError && e.message))]`)
    const said = (count: number): string =>
      Array.from({ length: count }, (_, at) => `part ${count - at - 1}\n`).join('')
    const cut = 'fetch failed: the host cannot be reached'
    expect(value).toEqual([true, said(4), false, said(3), true, said(2), 97, true, 'enough', cut])
    await expect.poll(server.open).toBe(0)
  })

  it('is told to the operator hop by hop, without what a query may hold', async () => {
    const events: AuditEvent[] = []
    const stop = scene.broker.on('audit', (event) => events.push(event))
    await runs(
      `await fetch(at + '/redirect?to=/echo%3Ftoken%3D1', { headers: { authorization: 'secret' } }); await fetch('http://other.example/a?b').catch(() => {})`,
    )
    stop()
    const here = `http://127.0.0.1:${server.port}`
    const told = { kind: 'fetch', id: expect.any(String), method: 'GET' }
    const refused = 'fetch failed: the host is not among those that were granted'
    expect(events).toEqual([
      { ...told, url: `${here}/redirect`, status: 302 },
      { ...told, url: `${here}/echo`, status: 200 },
      { ...told, url: 'http://other.example/a', refused },
    ])
    expect(new Set(events.map(({ id }) => id)).size).toBe(1)
  })

  it('waits for no answer that waits to be read', async () => {
    const value = await runs(`
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(at + '/bytes?count=300000')))
      for (let i = 0; i < 20; i += 1) await fetch(at + '/bytes?count=300000')
      const sizes = []
      for (const answer of answers) sizes.push((await answer.bytes()).length)
      return sizes.every((size) => size === 300_000)`)
    expect(value).toBe(true)
    await expect.poll(server.open).toBe(0)
  })

  it('refuses with a TypeError that tells nothing of the host', async () => {
    const value = await runs(
      `const tried = ['http://other.example/', 'http://localhost/', at.replace('127.0.0.1', '127.0.0.2'), 'file:///etc/passwd', 'nowhere', at + '/bytes?count=2000', at + '/redirect?to=http://169.254.169.254/']
      const out = []
      for (const url of tried) out.push(await fetch(url).catch((e) => [e instanceof TypeError, e.message, /\\/(?:src|node_modules|home|tmp)\\b|node:|ECONN|ENOTFOUND/.test(e.stack + e.cause)]))
      for (const size of [1001, 2 ** 23]) out.push(await fetch(at, { method: 'POST', body: new Uint8Array(size) }).catch((e) => e instanceof TypeError && e.message))
      for (const headers of [{ 'a\\r\\nb': 'c' }, { a: 'b\\r\\nc: d' }]) out.push(await fetch(at, { headers }).catch((e) => e instanceof TypeError))
      return out`,
      { maxBodyBytes: 1000, maxRequestBytes: 1000 },
    )
    const notGranted = [true, 'fetch failed: the host is not among those that were granted', false]
    const scheme = [true, 'fetch failed: only http and https can be fetched', false]
    const long = [true, 'fetch failed: the answer is too long', false]
    const tooLong = 'fetch failed: the body is too long'
    const invalid = [true, expect.any(String), false]
    expect(value).toEqual([
      notGranted,
      notGranted,
      notGranted,
      scheme,
      invalid,
      long,
      notGranted,
      tooLong,
      tooLong,
      true,
      true,
    ])
    expect(server.asked.map(({ url }) => url?.split('?')[0])).toEqual(['/bytes', '/redirect'])
  })

  it('is aborted by its guest, and with its call', async () => {
    const value = await runs(`
      const c = new AbortController()
      setTimeout(() => c.abort(new Error('enough')), 5)
      const aborted = await fetch(at + '/silent', { signal: c.signal }).catch((e) => e.message)
      const timed = await fetch(at + '/silent', { signal: AbortSignal.timeout(5) }).catch((e) => e.name)
      const early = await fetch(at + '/silent', { signal: AbortSignal.abort() }).catch((e) => e.name)
      const many = Array.from({ length: 12 }, () => fetch(at + '/silent', { signal: AbortSignal.timeout(5) }).catch((e) => e.name))
      const after = (await fetch(at + '/bytes?count=1')).status + (await Promise.all(many)).length
      void fetch(at + '/slow').catch(() => {})
      return [aborted, timed, early, after]`)
    expect(value).toEqual(['enough', 'TimeoutError', 'AbortError', 212])
    await expect.poll(server.open).toBe(0)
    const source = `export default (at) => fetch(at + '/silent')`
    const input = `http://127.0.0.1:${server.port}`
    const { outcome } = await scene.run(source, { input, fetch: granted(), limits: { wallMs: 300 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    await expect.poll(server.open).toBe(0)
  })

  it('counts as a host function', async () => {
    const source = `export default async (at) => { for (let i = 0; i < 10; i += 1) await fetch(at + '/echo') }`
    const input = `http://127.0.0.1:${server.port}`
    const { outcome } = await scene.run(source, { input, fetch: granted(), limits: { hostCalls: 3 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'hostCalls' })
    expect(server.asked.length).toBeLessThanOrEqual(3)
  })

  it('is no way to the host for guests that poison what it uses, or call its door themselves', async () => {
    const value = await runs(`
      const natural = Promise.prototype.then
      const caught = []
      for (const [holder, name] of [[Promise.prototype, 'then'], [Array.prototype, 'push'], [Function.prototype, 'call'], [Reflect, 'apply']]) {
        const native = holder[name]
        holder[name] = function (...args) { caught[caught.length] = this; for (const one of args) caught[caught.length] = one; return Reflect.construct === undefined ? undefined : native.apply(this, args) }
      }
      let door
      try { door = (await import('ringfence:web')).fetch } catch (e) { door = e.constructor === Error || e instanceof Error }
      await fetch(at + '/echo').then((r) => r.text()).catch(() => {})
      const strangers = caught.filter((one) => {
        if ((typeof one !== 'object' && typeof one !== 'function') || one === null) return false
        let last = one
        while (Object.getPrototypeOf(last) !== null) last = Object.getPrototypeOf(last)
        return typeof one === 'function' && last !== Object.prototype
      })
      return [strangers.length, typeof door]`)
    expect(value).toEqual([0, expect.stringMatching(/^(boolean|function)$/)])
  })

  it('is refused to code that the policy does not trust with it', async () => {
    const strict = await scene.apart({ policy: { levels: { trusted: { functions: ['host/*'] } } } })
    await using apart = strict
    const execution = await apart.run(`export default () => typeof fetch`, { fetch: granted() })
    expect(execution.outcome).toEqual({ kind: 'returned', value: 'undefined' })
    const { because } = execution.decision
    expect(because.some(({ message }) => message.includes('"ringfence:web/fetch"'))).toBe(true)
  })
})
