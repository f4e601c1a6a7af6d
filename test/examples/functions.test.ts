import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import type { Deployment } from '../../src/functions/deployment.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import { jsonOf, request, textOf } from '../functions/scene.ts'

let host: FunctionHost
beforeAll(async () => {
  // As on any machine, also one that has no jail for its processes.
  const policy = { levels: { hostile: { isolation: 'none' } } } as const
  host = await createFunctionHost({ secretKey: 'a key', brokerOptions: { policy } })
})
afterAll(() => host[Symbol.asyncDispose]())

/** Deploys an example as the command does that stands in it. */
async function deploy(file: string, more: Partial<Deployment> = {}): Promise<string> {
  const path = new URL(`../../examples/functions/${file}`, import.meta.url)
  const { name = basename(file).replace(/\..*$/, '') } = more
  await host.deploy({ ...more, name, filename: file, source: readFileSync(path, 'utf8') })
  return name
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

it('a webhook becomes a message, if it is signed', async () => {
  const name = await deploy('webhook-transformer.ts', { secrets: { WEBHOOK_SECRET: 'shared' } })
  const push = {
    ref: 'refs/heads/main',
    repository: { full_name: 'acme/site' },
    pusher: { name: 'ada' },
    commits: [{ id: '0123456789', message: 'Mend the gate\n\nIt squeaked.', url: 'https://forge.example/1' }],
  }
  const body = bytes(JSON.stringify(push))
  const signature = `sha256=${createHmac('sha256', 'shared').update(body).digest('hex')}`
  const deliver = (event: string, signed: string): Promise<unknown> =>
    host
      .request(
        name,
        request({
          method: 'POST',
          body,
          headers: [
            ['x-github-event', event],
            ['x-hub-signature-256', signed],
          ],
        }),
      )
      .then(textOf)
  expect(await deliver('push', signature)).toEqual({
    status: 200,
    text: '{"text":"ada pushed 1 to acme/site@main\\n• <https://forge.example/1|0123456> Mend the gate"}',
  })
  expect(await deliver('push', signature.replace(/.$/, '0').replace(/^(.{10})./, '$1f'))).toMatchObject({ status: 401 })
  expect(await deliver('ping', signature)).toEqual({ status: 204, text: '' })
  expect(textOf(await host.request(name, request()))).toMatchObject({ status: 405 })
})

it("each customer's pricing rule is its own, and a mistake is nobody else's", async () => {
  const acme = await deploy('customer-pricing.ts', { name: 'pricing-acme', tenant: 'acme' })
  const mistaken = {
    name: 'pricing-globex',
    tenant: 'globex',
    source: 'export default ({ items }) => { while (items) {} }',
  }
  await host.deploy({ ...mistaken, limits: { wallMs: 200 } })
  const order = {
    items: [
      { sku: 'bolt', quantity: 10, cents: 100 },
      { sku: 'gate', quantity: 1, cents: 5000 },
    ],
    loyal: true,
  }
  const [priced, ended] = await Promise.all([host.invoke(acme, order), host.invoke('pricing-globex', order)])
  expect(jsonOf(priced)).toEqual({
    cents: 5605,
    because: ['bolt: 10 % off from ten on', '5 % off for loyal customers'],
  })
  expect(ended).toMatchObject({ status: expect.stringMatching(/^timeout_/), tenant: 'globex' })
})

it('a strategy answers with signals while it reads candles', async () => {
  const name = await deploy('candle-crossover.ts')
  const closes = [9, 8, 7, 6, 5, 4, 5, 7, 9, 11, 12, 11, 8, 5, 3, 2]
  const lines = closes.map((close, at) => JSON.stringify({ time: `10:${String(at).padStart(2, '0')}`, close }))
  const given = request({ method: 'POST', headers: [['content-type', 'text/plain']], body: bytes(lines.join('\n')) })
  expect(textOf(await host.request(name, given))).toEqual({
    status: 200,
    text: '{"time":"10:08","signal":"buy","close":9}\n{"time":"10:13","signal":"sell","close":5}\n',
  })
  expect(await host.stream(name, { request: given })).toMatchObject({ isOpen: true })
})

it('a chart is drawn as SVG, whatever its labels say', async () => {
  const name = await deploy('sales-chart.ts')
  const drawn = await host.request(name, request({ url: 'http://localhost/?title=Sales&Jan=12&%3Cscript%3E=6' }))
  expect(drawn.answer).toMatchObject({ headers: [['content-type', 'image/svg+xml']] })
  expect(textOf(drawn)).toEqual({
    status: 200,
    text: expect.stringMatching(/^<svg .*height="176".*&lt;script&gt;: 6<\/text><\/svg>\n$/),
  })
  expect(textOf(await host.request(name, request({ url: 'http://localhost/?Jan=many' })))).toMatchObject({
    status: 400,
  })
})

describe('a function that a language model wrote', () => {
  it('does what it was asked for, gets nothing besides, and ends when it does not', async () => {
    const name = await deploy('written-by-a-model.js', { trust: 'hostile', limits: { wallMs: 500 } })
    expect(jsonOf(await host.invoke(name, { text: 'a rose is a rose' }))).toEqual({
      words: 5,
      top: [
        ['a', 2],
        ['rose', 2],
        ['is', 1],
      ],
    })
    const snooped = await host.invoke(name, { text: '', mode: 'snoop' })
    expect(snooped).toMatchObject({ execution: { tier: 'process' } })
    expect(jsonOf(snooped)).toMatchObject({
      loot: {
        environment: [],
        host: expect.stringContaining('refused'),
        network: expect.stringContaining('refused'),
        modules: expect.stringContaining('refused'),
      },
    })
    for (const mode of ['spin', 'hoard']) {
      expect((await host.invoke(name, { mode })).status).toMatch(/^(?:timeout_wall|timeout_cpu|memory)$/)
    }
    expect(await host.invoke(name, { text: 'well' })).toMatchObject({ status: 'ok' })
  })
})
