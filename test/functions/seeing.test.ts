import { Agent, get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import type { Invocation } from '../../src/functions/words.ts'
import { createBroker } from '../../src/index.ts'
import { Metrics } from '../../src/server/metrics.ts'
import { type Serving, serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE, ask, deploy } from './ask.ts'

/** Reads Prometheus' text format: each series, as it is written, with its value. */
function seriesIn(told: string): ReadonlyMap<string, number> {
  const lines = told.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const [, series = '', value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
      return [series, Number(value)]
    }),
  )
}

describe('the metrics of a function host', () => {
  let host: FunctionHost
  let serving: Serving
  beforeAll(async () => {
    host = await createFunctionHost()
    serving = await serveFunctions(host, ANYWHERE)
  })
  afterAll(async () => {
    await serving[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
  })
  const read = async (): Promise<ReadonlyMap<string, number>> => seriesIn((await ask(`${serving.url}/metrics`)).body)

  it('count invocations by how they ended, and measure their phases, time and memory', async () => {
    await deploy(serving.url, 'good', { source: 'export default () => 1', tenant: 'acme' })
    await deploy(serving.url, 'bad', { source: 'export default () => { for (;;); }', limits: { wallMs: 400 } })
    await deploy(serving.url, 'none', { source: 'export default () => 1', concurrency: 0 })
    for (const name of ['good', 'good', 'bad', 'none']) await ask(`${serving.url}/fn/${name}`)
    const { headers, body } = await ask(`${serving.url}/metrics`)
    expect(headers.get('content-type')).toContain('text/plain')
    const series = seriesIn(body)
    expect([...series.values()].every((value) => value >= 0)).toBe(true)
    expect(series.get('ringfence_invocations_total{function="good",tenant="acme",tier="isolate",status="ok"}')).toBe(2)
    expect(
      series.get('ringfence_invocations_total{function="bad",tenant="default",tier="isolate",status="timeout_wall"}'),
    ).toBe(1)
    expect(
      series.get('ringfence_invocations_total{function="none",tenant="default",tier="none",status="throttled"}'),
    ).toBe(1)
    expect(series.get('ringfence_invocation_phase_seconds_sum{phase="run",tier="isolate"}')).toBeGreaterThan(0.3)
    expect(series.get('ringfence_invocation_phase_seconds_count{phase="teardown",tier="isolate"}')).toBe(3)
    expect(series.get('ringfence_invocation_cpu_seconds_total{function="bad",tenant="default"}')).toBeGreaterThan(0)
    expect(series.get('ringfence_invocation_peak_memory_bytes_count{tier="isolate"}')).toBeGreaterThan(0)
    expect(series.get('ringfence_pressure{level="none"}') ?? series.get('ringfence_pressure{level="high"}')).toBe(1)
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(2 ** 20)
    expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0)
  })

  it('tell what is inside, what is warm, and what it runs in', async () => {
    await deploy(serving.url, 'waits', { source: 'export default () => new Promise(() => {})', trust: 'trusted' })
    const left = new AbortController()
    const running = fetch(`${serving.url}/fn/waits`, { signal: left.signal }).catch(() => {})
    await expect.poll(async () => (await read()).get('ringfence_calls{state="inside"}')).toBe(1)
    const series = await read()
    expect(series.get('ringfence_calls{state="waiting"}')).toBe(0)
    expect(series.get('ringfence_warm_sandboxes{state="busy"}')).toBe(1)
    expect(series.get('ringfence_carriers{tier="isolate"}')).toBeGreaterThan(0)
    expect(series.get('ringfence_carrier_resident_bytes{tier="isolate"}')).toBeGreaterThan(2 ** 20)
    left.abort()
    await running
    await expect.poll(async () => (await read()).get('ringfence_calls{state="inside"}')).toBe(0)
  })

  it('have no names that a function chose for itself', async () => {
    const source = `export default () => { throw Object.assign(new Error('a"} 1\\nforged_total 1'), { name: 'x"}\\n' }) }`
    await deploy(serving.url, 'forger', { source })
    await ask(`${serving.url}/fn/forger`)
    expect((await ask(`${serving.url}/metrics`)).body).not.toContain('forged')
  })
})

it('has no series for each of ever more functions', async () => {
  await using host = await createFunctionHost()
  let tell: (invocation: Invocation) => void = () => {}
  host.onInvocation = (listener) => {
    tell = listener
    return () => {}
  }
  using metrics = new Metrics(host)
  const durations = { queueMs: 1, startMs: 0, runMs: 0, teardownMs: 0 }
  for (let at = 0; at < 5000; at += 1) {
    const names = { function: `f${at}`, tenant: 't', version: 1 }
    tell({ ...names, id: 'i', status: 'throttled', startedAt: '', durations })
  }
  const series = seriesIn(await metrics.read())
  expect(series.size).toBeLessThan(1100)
  expect(
    series.get('ringfence_invocations_total{function="other",tenant="other",tier="none",status="throttled"}'),
  ).toBe(4000)
})

it('tells metrics to nobody without the token', async () => {
  await using host = await createFunctionHost()
  await using serving = await serveFunctions(host, { ...ANYWHERE, token: 'sesame' })
  expect((await ask(`${serving.url}/metrics`)).status).toBe(401)
  const told = await ask(`${serving.url}/metrics`, { headers: { authorization: 'Bearer sesame' } })
  expect([told.status, told.body.includes('ringfence_calls')]).toEqual([200, true])
})

describe('a host that cannot serve', () => {
  const ready = async (url: string): Promise<unknown> => {
    const { status, body } = await ask(`${url}/readyz`)
    return [status, JSON.parse(body)]
  }

  it('is not ready once it is closed, and lives all the same', async () => {
    const host = await createFunctionHost()
    await using serving = await serveFunctions(host, ANYWHERE)
    expect(await ready(serving.url)).toEqual([200, { status: 'ok', reasons: [], calls: { inside: 0, waiting: 0 } }])
    await host[Symbol.asyncDispose]()
    expect(await ready(serving.url)).toMatchObject([
      503,
      { status: 'unready', reasons: ['the function host is closed'] },
    ])
    expect((await ask(`${serving.url}/healthz`)).status).toBe(200)
  })

  it('is not ready under critical pressure', async () => {
    await using broker = await createBroker({ pressure: { high: 0.000_01, critical: 0.000_02, emergency: 1 } })
    await using host = await createFunctionHost({ broker })
    await using serving = await serveFunctions(host, ANYWHERE)
    await expect
      .poll(() => ready(serving.url), { timeout: 10_000 })
      .toMatchObject([
        503,
        { status: 'unready', reasons: [expect.stringMatching(/^the host is under critical pressure \(/)] },
      ])
  })

  const reason = 'the server finishes what runs and takes nobody new'
  it.each([
    ['/readyz', { status: 'unready', reasons: [reason] }],
    ['/fn/slow', { error: { code: 'closing' } }],
  ])('takes nobody new while it finishes what runs, and says so: %s', async (asked, expected) => {
    await using host = await createFunctionHost()
    const serving = await serveFunctions(host, ANYWHERE)
    const source = 'export default () => new Promise((done) => setTimeout(done, 1000, 1))'
    await host.deploy({ name: 'slow', source, trust: 'trusted' })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const through = (path: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        get(`${serving.url}${path}`, { agent }, resolve).on('error', reject)
      })
    const slow = through('/fn/slow')
    await expect.poll(() => host.stats().inside).toBe(1)
    const next = through(asked)
    const closing = serving.close(10_000)
    expect(await text(await slow)).toBe('1')
    const answer = await next
    expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([503, expected])
    await closing
    agent.destroy()
  })
})
